#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace easel {

/// The number that the whole text is, in decimal; none if it is something else.
template <typename Number>
std::optional<Number> number_in(std::string_view text) {
    Number number{};
    const char* const end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || last != end) return std::nullopt;
    return number;
}

}  // namespace easel
