#!/usr/bin/env bash
# reference.sh BUILD: Doxygen has nothing to say against include/easel and docs/library.md.
set -u

command -v doxygen >/dev/null || { echo "doxygen is not installed"; exit 77; }
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
settings=$(cat docs/Doxyfile && printf 'INPUT += %s/include/easel\nOUTPUT_DIRECTORY = %s\n' "$1" "$place")
warnings=$(doxygen - <<<"$settings" 2>&1)
[[ -s $place/html/classeasel_1_1Engine.html ]] || { echo "no page about Engine was written"; exit 1; }
[[ -z $warnings ]] || { echo "$warnings"; exit 1; }
