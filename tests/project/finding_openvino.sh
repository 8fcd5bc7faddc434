#!/usr/bin/env bash
# Which OpenVINO a build takes: the one that was named if it is new enough, never another one in its place.
set -u

module=$PWD/cmake
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
unset OpenVINO_DIR
export EASEL_OFFLINE=1
failed=0

# A project that needs OpenVINO and nothing else.
cat >"$place/CMakeLists.txt" <<EOF
cmake_minimum_required(VERSION 3.24)
project(finding LANGUAGES NONE)
list(APPEND CMAKE_MODULE_PATH "$module")
find_package(OpenVINO REQUIRED COMPONENTS Runtime)
EOF

# installed VERSION: a folder with an OpenVINO of that version.
installed() {
    mkdir -p "$place/$1/cmake"
    cat >"$place/$1/cmake/OpenVINOConfig-version.cmake" <<EOF
set(PACKAGE_VERSION "$1")
if(PACKAGE_FIND_VERSION_MAJOR EQUAL ${1%%.*})
  set(PACKAGE_VERSION_COMPATIBLE True)
endif()
EOF
    echo 'set(OpenVINO_Runtime_FOUND True)' >"$place/$1/cmake/OpenVINOConfig.cmake"
    printf '%s' "$place/$1/cmake"
}

# expect WORDS STATUS CMAKE-ARGUMENTS...: configuring says WORDS, and succeeds (0) or fails (1).
expect() {
    local words=$1 status=$2 output got=0
    shift 2
    rm -rf "$place/b"
    output=$(cmake -S "$place" -B "$place/b" "$@" 2>&1) || got=1
    if [[ $got != "$status" || ${output//$'\n'/ } != *"$words"* ]]; then
        printf 'cmake %s\n  should say "%s" and end with %s, but ended with %s:\n%s\n' "$*" "$words" "$status" "$got" "$output"
        failed=1
    fi
}

old=$(installed 2025.4.0) same=$(installed 2026.4.1) new=$(installed 2027.0.0)
mkdir "$place/empty"

expect "OpenVINO 2026.4.1: $same" 0 "-DOpenVINO_DIR=$same"
expect "OpenVINO 2027.0.0: $new" 0 "-DOpenVINO_DIR=$new"
expect "OpenVINO_DIR is $old, which is OpenVINO 2025.4.0; easel needs 2026.4.1 or newer" 1 "-DOpenVINO_DIR=$old"
expect "OpenVINO_DIR is $place/empty, which has no OpenVINO" 1 "-DOpenVINO_DIR=$place/empty"
expect "OpenVINO_DIR is $place/missing, which has no OpenVINO" 1 "-DOpenVINO_DIR=$place/missing" "-DCMAKE_PREFIX_PATH=$same"
OpenVINO_DIR=$old expect "OpenVINO_DIR is $old, which is OpenVINO 2025.4.0" 1 -DEASEL_FETCH_OPENVINO=ON
OpenVINO_DIR=$new expect "OpenVINO 2027.0.0: $new" 0
expect "OpenVINO 2027.0.0: $new" 0 "-DCMAKE_PREFIX_PATH=$new"
expect "EASEL_FETCH_OPENVINO=ON to download it with pip" 1 "-DCMAKE_PREFIX_PATH=$old"
expect "EASEL_OFFLINE is set" 1 -DEASEL_FETCH_OPENVINO=ON "-DCMAKE_PREFIX_PATH=$old"

# An update of easel asks for a newer one than it fetched before.
mkdir -p "$place/build"
mv "$place/2025.4.0" "$place/build/openvino-2025.4.0"
expect "EASEL_OFFLINE is set" 1 -DEASEL_FETCH_OPENVINO=ON "-DOpenVINO_DIR=$place/build/openvino-2025.4.0/cmake"
exit "$failed"
