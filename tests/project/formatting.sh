# Every C++ file is as version 14 of clang-format leaves it, by .clang-format at the top of the tree. Other versions leave
# some lines in another way.
format=$(command -v clang-format-14 || command -v clang-format)
if ! "${format:-false}" --version 2>/dev/null | grep -q "version 14\."; then
    echo "version 14 of clang-format is not installed"
    exit 77
fi

# The check can fail: this line breaks the style.
if printf 'int  main( ){return 0 ;}\n' | "$format" --style=file --dry-run -Werror 2>/dev/null; then
    echo "$format finds no fault in a line that has some"
    exit 1
fi
find src include tests examples -name '*.cpp' -o -name '*.h' | xargs "$format" --style=file --dry-run -Werror
