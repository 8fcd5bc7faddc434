# clang-tidy has nothing to say about src/, by .clang-tidy at the top of the tree. $1 is a build folder, $2 the clang++
# that builds there, whose version of clang-tidy is taken.
set -o pipefail
tidy=${2##*/}
tidy=${tidy/clang++/clang-tidy}
command -v "$tidy" >/dev/null || { echo "$tidy is not installed"; exit 77; }
find src -name '*.cpp' -print0 |
    xargs -0 -n 1 -P "$(getconf _NPROCESSORS_ONLN)" "$tidy" --quiet -p "$1" 2>&1 |
    sed '/^[0-9]* warnings\? generated\.$/d' # those in the libraries' headers, which are not ours to mend
