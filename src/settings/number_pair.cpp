#include "settings/number_pair.h"

#include <charconv>
#include <system_error>

namespace easel {
namespace {

std::optional<int> number(std::string_view text) {
    constexpr int most = 65535;
    int value = 0;
    const char* const end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || last != end || value < 0 || value > most) return std::nullopt;
    return value;
}

}  // namespace

std::optional<std::pair<int, int>> number_pair(std::string_view text, char between) {
    const std::size_t at = text.find(between);
    if (at == std::string_view::npos) return std::nullopt;
    const auto first = number(text.substr(0, at)), second = number(text.substr(at + 1));
    if (!first || !second) return std::nullopt;
    return std::pair(*first, *second);
}

}  // namespace easel
