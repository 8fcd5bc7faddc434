#include "base/quoted.h"

#include <algorithm>

#include <fmt/format.h>

namespace easel {

std::string on_one_line(std::string_view text) {
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7F)
            result += fmt::format("\\x{:02x}", byte);
        else
            result += c;
    }
    return result;
}

std::string in_quotes(std::string_view text) {
    constexpr std::size_t longest = 100;
    std::size_t end = std::min(text.size(), longest);
    const auto continues_a_character = [&](std::size_t i) {
        return (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80;
    };
    while (end > 0 && end < text.size() && continues_a_character(end)) --end;

    return "\"" + on_one_line(text.substr(0, end)) + (end < text.size() ? "...\"" : "\"");
}

}  // namespace easel
