#include "pictures/unicode.h"

#include <cstdint>

#include <utf8proc.h>

#include "base/error.h"

namespace easel {
namespace {

/// Takes the first code point off `text`; negative when that is not UTF-8.
std::int32_t take_code_point(std::string_view& text) {
    std::int32_t code_point = -1;
    const auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                       static_cast<utf8proc_ssize_t>(text.size()), &code_point);
    if (size > 0) text.remove_prefix(static_cast<std::size_t>(size));
    return size > 0 ? code_point : -1;
}

void append_utf8(std::string& text, std::int32_t code_point) {
    utf8proc_uint8_t bytes[4];
    const auto size = utf8proc_encode_char(code_point, bytes);
    text.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        if (take_code_point(text) < 0) return false;
    }
    return true;
}

}  // namespace

std::string utf8_or_latin1(std::span<const std::byte> bytes) {
    std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (is_utf8(text)) return text;
    std::string converted;
    for (const std::byte byte : bytes) append_utf8(converted, std::to_integer<int>(byte));
    return converted;
}

std::string utf8_of_utf16(std::span<const std::byte> bytes, ByteOrder order) {
    const auto unit = [&](std::size_t i) {
        const int first = std::to_integer<int>(bytes[2 * i]);
        const int second = std::to_integer<int>(bytes[2 * i + 1]);
        return order == ByteOrder::big ? first << 8 | second : second << 8 | first;
    };
    const auto is_high = [](int value) { return value >= 0xD800 && value < 0xDC00; };
    const auto is_low = [](int value) { return value >= 0xDC00 && value < 0xE000; };
    const std::size_t count = bytes.size() / 2;
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        const int value = unit(i);
        if (is_high(value) && i + 1 < count && is_low(unit(i + 1))) {
            append_utf8(text, 0x10000 + ((value - 0xD800) << 10) + (unit(++i) - 0xDC00));
        } else {
            append_utf8(text, is_high(value) || is_low(value) ? 0xFFFD : value);
        }
    }
    return text;
}

std::string utf16_of_utf8(std::string_view text) {
    std::string bytes;
    const auto append = [&](std::int32_t unit) {
        bytes += static_cast<char>(unit >> 8);
        bytes += static_cast<char>(unit & 0xFF);
    };
    while (!text.empty()) {
        const std::int32_t code_point = take_code_point(text);
        if (code_point < 0) fail("the settings text to store in the picture is not UTF-8");
        if (code_point < 0x10000) {
            append(code_point);
        } else {
            append(0xD800 + ((code_point - 0x10000) >> 10));
            append(0xDC00 + ((code_point - 0x10000) & 0x3FF));
        }
    }
    return bytes;
}

}  // namespace easel
