#!/usr/bin/env bash
# embedding.sh BUILD OPENVINO_DIR: builds a program against the easel that BUILD installs, by find_package and by
# pkg-config, and with easel's sources as a part of it. Each draws a picture. The installed folder is moved twice, before
# the programs are built and before they run.
set -eu

build=$1 openvino=$2
repo=$PWD
consumer=$repo/tests/project/consumer
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
unset EASEL_HOME OpenVINO_DIR EASEL_MODEL
if command -v ccache >/dev/null; then
    export CMAKE_CXX_COMPILER_LAUNCHER=ccache CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
fi

step() { printf '== %s\n' "$*"; }

# check PROGRAM: it runs from another folder, and its picture is that of the program before it.
check() {
    (cd / && "$1" "$place/drawn.ppm")
    [[ -e $place/expected.ppm ]] || cp "$place/drawn.ppm" "$place/expected.ppm"
    cmp "$place/drawn.ppm" "$place/expected.ppm"
    rm "$place/drawn.ppm"
}

step "install, and move what was installed"
cmake --install "$build" --prefix "$place/first" >"$place/install.log"
mkdir "$place/other"
mv "$place/first" "$place/other/second"
prefix=$place/other/second
library=$(find "$prefix" -name 'libeasel.so')
[[ -n $library ]]
! grep -rIlF "$place/first" "$prefix" || { echo "these files know where they were installed"; exit 1; }

step "only what the headers declare is shown"
shown=$(nm -D --defined-only --demangle "$library" | grep -v ' [VWu] ' | sed 's/^[0-9a-f]* . //')
if grep -v -E '^(easel::|(typeinfo|typeinfo name|vtable) for easel::)' <<<"$shown"; then
    echo "libeasel.so shows these too"
    exit 1
fi

step "a program by find_package"
cmake -S "$consumer" -B "$place/by-package" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$prefix" >"$place/log" ||
    { cat "$place/log"; exit 1; }
cmake --build "$place/by-package"
check "$place/by-package/consumer"

step "a program by pkg-config"
export PKG_CONFIG_PATH=${library%/*}/pkgconfig
# shellcheck disable=SC2046  # a list of flags
c++ -std=c++20 "$consumer/main.cpp" $(pkg-config --cflags --libs easel) -o "$place/by-pkg-config"
LD_LIBRARY_PATH=${library%/*} check "$place/by-pkg-config"

step "both after another move, and the command line"
mv "$prefix" "$place/third"
library=$place/third${library#"$prefix"}
for program in "$place/by-package/consumer" "$place/by-pkg-config"; do
    LD_LIBRARY_PATH=${library%/*} check "$program"
done
(cd "$place" && HOME=$place "$place/third/bin/easel" rocket --seed 7 --quiet -o rocket.png && [[ -s rocket.png ]])

step "a program that contains easel"
mkdir "$place/source"
cp -r CMakeLists.txt cmake include src models "$place/source"
(cd "$place/source" && find . -type f -exec sha256sum {} + | sort) >"$place/before"
cmake -S "$consumer" -B "$place/by-source" -G Ninja -DCMAKE_BUILD_TYPE=Release -DEASEL_SOURCE="$place/source" \
    -DOpenVINO_DIR="$openvino" >"$place/log" || { cat "$place/log"; exit 1; }
grep -iE '^(CURL|CLI11|GTest|OpenSSL)[a-z_]*:' "$place/by-source/CMakeCache.txt" && { echo "that was looked for"; exit 1; }
cmake --build "$place/by-source" >"$place/log" || { tail -n 40 "$place/log"; exit 1; }
check "$place/by-source/consumer"
(cd "$place/source" && find . -type f -exec sha256sum {} + | sort) | cmp - "$place/before"
[[ ! -e $place/source/build ]]
step "all drew the same picture"
