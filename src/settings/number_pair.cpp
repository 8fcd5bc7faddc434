#include "settings/number_pair.h"

#include "base/numbers.h"

namespace easel {
namespace {

std::optional<int> side(std::string_view text) {
    constexpr int most = 65535;
    const auto value = number_in<int>(text);
    return value && *value >= 0 && *value <= most ? value : std::nullopt;
}

}  // namespace

std::optional<std::pair<int, int>> number_pair(std::string_view text, char between) {
    const std::size_t at = text.find(between);
    if (at == std::string_view::npos) return std::nullopt;
    const auto first = side(text.substr(0, at)), second = side(text.substr(at + 1));
    if (!first || !second) return std::nullopt;
    return std::pair(*first, *second);
}

}  // namespace easel
