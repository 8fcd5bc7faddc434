#include "settings/lora_list.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/lines.h"
#include "base/numbers.h"

namespace easel {
namespace {

constexpr double greatest_weight = 100.0;

/// Takes the number behind the last colon off `text`, if there is one.
std::optional<double> take_number(std::string_view& text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    std::string_view digits = text.substr(colon + 1);
    if (digits.starts_with('+')) digits.remove_prefix(1);
    const auto number = number_in<double>(digits);
    if (number) text = text.substr(0, colon);
    return number;
}

Lora lora_from_text(std::string_view text) {
    Lora lora;
    if (const auto last = take_number(text)) {
        if (const auto first = take_number(text)) {
            lora.weight = *first;
            lora.text_encoder_weight = *last;
        } else {
            lora.weight = *last;
        }
    }
    lora.file = text;
    return lora;
}

std::string text_of(const Lora& lora) {
    std::string text = lora.file.string();
    if (lora.weight != 1.0 || lora.text_encoder_weight) text += fmt::format(":{}", lora.weight);
    if (lora.text_encoder_weight) text += fmt::format(":{}", *lora.text_encoder_weight);
    return text;
}

bool is_weight(double weight) { return std::abs(weight) <= greatest_weight; }  // false for NaN too

}  // namespace

std::string text_of(const std::vector<Lora>& loras) {
    std::vector<std::string> lines;
    for (const Lora& lora : loras) lines.push_back(text_of(lora));
    return fmt::format("{}", fmt::join(lines, "\n"));
}

std::vector<Lora> loras_from_text(std::string_view text) {
    std::vector<Lora> loras;
    for (const std::string_view line : lines_of(text)) loras.push_back(lora_from_text(line));
    return loras;
}

std::vector<Lora> without_folders(std::vector<Lora> loras) {
    for (Lora& lora : loras) lora.file = lora.file.filename();
    return loras;
}

bool is_lora_list(std::string_view text) {
    return std::ranges::all_of(loras_from_text(text), [](const Lora& lora) {
        return !lora.file.empty() && is_weight(lora.weight) && is_weight(lora.text_encoder_weight.value_or(0.0));
    });
}

}  // namespace easel
