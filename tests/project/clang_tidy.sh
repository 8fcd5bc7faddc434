# clang-tidy has nothing to say about src/, by .clang-tidy at the top of the tree. $1 is a build folder.
set -o pipefail
command -v clang-tidy-14 >/dev/null || { echo "clang-tidy-14 is not installed"; exit 77; }
find src -name '*.cpp' -print0 |
    xargs -0 -n 1 -P "$(getconf _NPROCESSORS_ONLN)" clang-tidy-14 --quiet -p "$1" 2>&1 |
    sed '/^[0-9]* warnings\? generated\.$/d' # those in the libraries' headers, which are not ours to mend
