# When cmake/setup.sh configures a build folder anew, with a stand-in for CMake that writes what it is called with.
set -u
top=$PWD
repo=$(mktemp -d)
trap 'rm -rf "$repo"' EXIT
mkdir -p "$repo/bin"
cat >"$repo/bin/cmake" <<'END'
#!/bin/bash
folder=$2/build/$4
mkdir -p "$folder"
[[ -e $folder/CMakeCache.txt ]] || echo new >"$folder/state"
{
    echo "CMAKE_HOME_DIRECTORY:INTERNAL=$2"
    for argument in "${@:5}"; do argument=${argument#-D}; echo "${argument%%=*}:UNINITIALIZED=${argument#*=}"; done
} >"$folder/CMakeCache.txt"
END
chmod +x "$repo/bin/cmake"
PATH=$repo/bin:/usr/bin:/bin
source "$top/cmake/setup.sh"

failures=0
check() { # WHAT EXPECTED CONFIGURE'S ARGUMENTS...
    local what=$1 expected=$2 state
    shift 2
    configure "$@" 2>/dev/null
    state=$(<"$repo/build/$1/state")
    echo kept >"$repo/build/$1/state"
    [[ $state == "$expected" ]] && return
    printf '%s: the folder is %s, expected %s\n' "$what" "$state" "$expected"
    failures=$((failures + 1))
}

check "the first time" new clang -DCMAKE_CXX_COMPILER=clang++-14 -DEASEL_WERROR=ON
check "as before" kept clang -DCMAKE_CXX_COMPILER=clang++-14 -DEASEL_WERROR=ON
check "with another option" kept clang -DCMAKE_CXX_COMPILER=clang++-14 -DEASEL_WERROR=OFF
check "with another compiler" new clang -DCMAKE_CXX_COMPILER=clang++-19 -DEASEL_WERROR=ON
check "without a compiler of its own" new release -DEASEL_TESTS=ON
check "without one again" kept release -DEASEL_TESTS=ON
sed -i 's|^CMAKE_HOME_DIRECTORY:INTERNAL=.*|&/elsewhere|' "$repo/build/clang/CMakeCache.txt"
check "a folder that was moved" new clang -DCMAKE_CXX_COMPILER=clang++-19

((failures == 0))
