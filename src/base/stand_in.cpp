#include "base/stand_in.h"

#include <algorithm>
#include <cctype>

#include "base/error.h"

namespace easel {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
/// What is checked: enough for a comment before the document type.
constexpr std::size_t longest_beginning = 4096;

bool starts_with_ignoring_case(std::string_view text, std::string_view lower_case) {
    return text.size() >= lower_case.size() &&
           std::ranges::equal(text.substr(0, lower_case.size()), lower_case,
                              [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; });
}

/// `text` without the spaces, XML declarations and comments that it begins with.
std::string_view without_preamble(std::string_view text) {
    constexpr std::string_view spaces = " \t\r\n";
    for (;;) {
        text.remove_prefix(std::min(text.find_first_not_of(spaces), text.size()));
        const std::string_view end = text.starts_with("<?xml") ? "?>" : text.starts_with("<!--") ? "-->" : "";
        const std::size_t at = end.empty() ? std::string_view::npos : text.find(end);
        if (at == std::string_view::npos) return text;
        text.remove_prefix(at + end.size());
    }
}

bool is_web_page(std::string_view text) {
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    text = without_preamble(text);
    return starts_with_ignoring_case(text, "<!doctype html") || starts_with_ignoring_case(text, "<html");
}

}  // namespace

void refuse_stand_in(std::string_view text, std::string_view where) {
    text = text.substr(0, longest_beginning);
    if (text.starts_with("version https://git-lfs"))
        fail(ErrorKind::damaged, "{}: is a git LFS pointer, not the file itself; fetch it with `git lfs pull`", where);
    if (is_web_page(text))
        fail(ErrorKind::damaged,
             "{}: is a web page (HTML), not the file itself: a download saved an error or a login page under this "
             "name; download the file again",
             where);
}

void refuse_stand_in(std::span<const std::byte> bytes, std::string_view where) {
    refuse_stand_in(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()), where);
}

}  // namespace easel
