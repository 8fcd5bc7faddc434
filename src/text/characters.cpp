#include "text/characters.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

#include <utf8proc.h>

#include "base/error.h"

namespace easel {
namespace {

using CodePoints = std::vector<utf8proc_int32_t>;

struct Range {
    char32_t first, last;
};

// Debian 12's utf8proc knows Unicode 15.0. What 15.1 and 16.0 added:
constexpr Range newer_letters[] = {
    {0x1c89, 0x1c8a},   {0xa7cb, 0xa7cd},   {0xa7da, 0xa7dc},   {0x105c0, 0x105f3}, {0x10d4a, 0x10d65},
    {0x10d6f, 0x10d85}, {0x10ec2, 0x10ec4}, {0x11380, 0x11389}, {0x1138b, 0x1138b}, {0x1138e, 0x1138e},
    {0x11390, 0x113b5}, {0x113b7, 0x113b7}, {0x113d1, 0x113d1}, {0x113d3, 0x113d3}, {0x11bc0, 0x11be0},
    {0x13460, 0x143fa}, {0x16100, 0x1611d}, {0x16d40, 0x16d6c}, {0x18cff, 0x18cff}, {0x1e5d0, 0x1e5ed},
    {0x1e5f0, 0x1e5f0}, {0x2ebf0, 0x2ee5d},
};
constexpr Range newer_numbers[] = {
    {0x10d40, 0x10d49}, {0x116d0, 0x116e3}, {0x11bf0, 0x11bf9}, {0x16130, 0x16139},
    {0x16d70, 0x16d79}, {0x1ccf0, 0x1ccf9}, {0x1e5f1, 0x1e5fa},
};

struct CasePairs {
    Range upper;
    char32_t first_lower;
};
// Lower case, which the reference takes from Unicode 17.0.
constexpr CasePairs newer_lower_case[] = {
    {{0x1c89, 0x1c89}, 0x1c8a},    {{0xa7cb, 0xa7cb}, 0x264},  {{0xa7cc, 0xa7cc}, 0xa7cd},
    {{0xa7ce, 0xa7ce}, 0xa7cf},    {{0xa7d2, 0xa7d2}, 0xa7d3}, {{0xa7d4, 0xa7d4}, 0xa7d5},
    {{0xa7da, 0xa7da}, 0xa7db},    {{0xa7dc, 0xa7dc}, 0x19b},  {{0x10d50, 0x10d65}, 0x10d70},
    {{0x16ea0, 0x16eb8}, 0x16ebb},
};

bool contains(Range range, char32_t code_point) { return code_point >= range.first && code_point <= range.last; }

template <std::size_t n>
bool contains(const Range (&ranges)[n], char32_t code_point) {
    return std::any_of(std::begin(ranges), std::end(ranges), [&](Range r) { return contains(r, code_point); });
}

bool is_space(char32_t c) {
    return (c >= 0x09 && c <= 0x0d) || c == 0x20 || c == 0x85 || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

char32_t to_lower(char32_t code_point) {
    for (const auto& [upper, first_lower] : newer_lower_case)
        if (contains(upper, code_point)) return first_lower + (code_point - upper.first);
    return utf8proc_tolower(static_cast<utf8proc_int32_t>(code_point));
}

auto combining_class(utf8proc_int32_t code_point) { return utf8proc_get_property(code_point)->combining_class; }

CodePoints decompose(std::string_view utf8) {
    CodePoints decomposed;
    decomposed.reserve(utf8.size());
    const auto* next = reinterpret_cast<const utf8proc_uint8_t*>(utf8.data());
    const auto* const end = next + utf8.size();
    while (next != end) {
        utf8proc_int32_t code_point;
        next += utf8proc_iterate(next, end - next, &code_point);
        std::array<utf8proc_int32_t, 8> parts;  // four are the most that a canonical decomposition has
        int boundary = 0;
        const auto count =
            utf8proc_decompose_char(code_point, parts.data(), parts.size(), UTF8PROC_DECOMPOSE, &boundary);
        decomposed.insert(decomposed.end(), parts.begin(), parts.begin() + count);
    }
    return decomposed;
}

// utf8proc_decompose() would do this too, but in quadratic time.
void order_combining_marks(CodePoints& text) {
    const auto is_mark = [](auto code_point) { return combining_class(code_point) != 0; };
    for (auto run = text.begin(); run != text.end();) {
        run = std::find_if(run, text.end(), is_mark);
        const auto run_end = std::find_if_not(run, text.end(), is_mark);
        std::stable_sort(run, run_end, [](auto a, auto b) { return combining_class(a) < combining_class(b); });
        run = run_end;
    }
}

}  // namespace

CharacterKind kind_of(char32_t code_point) {
    if (is_space(code_point)) return CharacterKind::space;
    switch (utf8proc_category(static_cast<utf8proc_int32_t>(code_point))) {
        case UTF8PROC_CATEGORY_LU:
        case UTF8PROC_CATEGORY_LL:
        case UTF8PROC_CATEGORY_LT:
        case UTF8PROC_CATEGORY_LM:
        case UTF8PROC_CATEGORY_LO:
            return CharacterKind::letter;
        case UTF8PROC_CATEGORY_ND:
        case UTF8PROC_CATEGORY_NL:
        case UTF8PROC_CATEGORY_NO:
            return CharacterKind::number;
        case UTF8PROC_CATEGORY_CN:
            if (contains(newer_letters, code_point)) return CharacterKind::letter;
            if (contains(newer_numbers, code_point)) return CharacterKind::number;
            return CharacterKind::other;
        default:
            return CharacterKind::other;
    }
}

bool is_word_character(char32_t c) {
    const CharacterKind kind = kind_of(c);
    return c == U'_' || kind == CharacterKind::letter || kind == CharacterKind::number;
}

char32_t code_point_at(std::string_view utf8, std::size_t at) {
    if (at >= utf8.size()) return 0;
    utf8proc_int32_t code_point = 0;
    utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(utf8.data()) + at,
                     static_cast<utf8proc_ssize_t>(utf8.size() - at), &code_point);
    return static_cast<char32_t>(code_point);
}

char32_t code_point_before(std::string_view utf8, std::size_t at) {
    if (at == 0) return 0;
    do --at;
    while (at > 0 && (static_cast<unsigned char>(utf8[at]) & 0xc0) == 0x80);
    return code_point_at(utf8, at);
}

std::size_t utf8_length(char32_t c) { return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4; }

std::vector<Character> normalize(std::string_view utf8) {
    CodePoints text = decompose(utf8);
    order_combining_marks(text);
    const auto options = static_cast<utf8proc_option_t>(UTF8PROC_COMPOSE | UTF8PROC_STABLE);
    const auto length = utf8proc_normalize_utf32(text.data(), static_cast<utf8proc_ssize_t>(text.size()), options);
    text.resize(static_cast<std::size_t>(length));

    std::vector<Character> characters;
    characters.reserve(text.size());
    for (const utf8proc_int32_t code_point : text) {
        const auto written = static_cast<char32_t>(code_point);
        characters.push_back({to_lower(written), written});
        // I with a dot above is the one character whose lower case is two.
        if (written == 0x130) characters.push_back({0x307, not_written});
    }
    return characters;
}

namespace {

/// The number of bytes that are UTF-8.
std::size_t valid_length(std::string_view text) {
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
    const auto size = static_cast<utf8proc_ssize_t>(text.size());
    utf8proc_ssize_t at = 0;
    while (at < size) {
        utf8proc_int32_t code_point;
        const auto length = utf8proc_iterate(bytes + at, size - at, &code_point);
        if (length < 1) break;
        at += length;
    }
    return static_cast<std::size_t>(at);
}

}  // namespace

bool is_utf8(std::string_view text) { return valid_length(text) == text.size(); }

void check_utf8(std::string_view text, std::string_view what) {
    if (const std::size_t valid = valid_length(text); valid < text.size())
        fail_usage("{} is not UTF-8 text (its byte {} is wrong); encode it as UTF-8", what, valid + 1);
}

void append_utf8(std::string& text, char32_t code_point) {
    std::array<utf8proc_uint8_t, 4> bytes;
    const auto length = utf8proc_encode_char(static_cast<utf8proc_int32_t>(code_point), bytes.data());
    text.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(length));
}

}  // namespace easel
