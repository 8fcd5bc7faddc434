#include "settings/freeu.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include <fmt/format.h>

#include "base/numbers.h"

namespace easel {

std::optional<FreeU> freeu_from_text(std::string_view text) {
    constexpr double most = 10.0;
    std::array<double, 4> numbers{};
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const std::size_t comma = std::min(text.find(','), text.size());
        const bool is_last = i + 1 == numbers.size();
        if (is_last != (comma == text.size())) return std::nullopt;
        const auto number = number_in<double>(text.substr(0, comma));
        if (!number || !(*number >= 0.0 && *number <= most)) return std::nullopt;
        numbers[i] = *number;
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return FreeU{numbers[0], numbers[1], numbers[2], numbers[3]};
}

bool is_freeu(std::string_view text) { return freeu_from_text(text).has_value(); }

std::string text_of(const FreeU& freeu) { return fmt::format("{},{},{},{}", freeu.b1, freeu.b2, freeu.s1, freeu.s2); }

}  // namespace easel
