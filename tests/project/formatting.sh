# Every C++ file is as clang-format leaves it, by .clang-format at the top of the tree.
format=clang-format-14
command -v $format >/dev/null || { echo "$format is not installed"; exit 77; }

# The check can fail: this line breaks the style.
if printf 'int  main( ){return 0 ;}\n' | $format --style=file --dry-run -Werror 2>/dev/null; then
    echo "$format finds no fault in a line that has some"
    exit 1
fi
find src include tests examples -name '*.cpp' -o -name '*.h' | xargs $format --style=file --dry-run -Werror
