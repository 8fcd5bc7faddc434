#include "settings/hires.h"

#include <optional>

#include "base/numbers.h"
#include "settings/number_pair.h"

namespace easel {
namespace {

constexpr double greatest_enlargement = 16.0;

std::optional<Size> size_of(std::string_view text) {
    const auto pair = number_pair(text, 'x');
    if (!pair || pair->first < 1 || pair->second < 1) return std::nullopt;
    return Size{pair->first, pair->second};
}

std::optional<double> scale_of(std::string_view text) {
    const auto scale = number_in<double>(text);
    return scale && *scale >= 1.0 && *scale <= greatest_enlargement ? scale : std::nullopt;
}

}  // namespace

bool is_size_or_scale(std::string_view text) { return size_of(text) || scale_of(text); }

Size size_of_second_pass(std::string_view text, const Size& first, int multiple) {
    if (const auto size = size_of(text)) return *size;
    const double scale = scale_of(text).value_or(1.0);
    const auto side = [&](int of_first) { return static_cast<int>(of_first * scale) / multiple * multiple; };
    return {side(first.width), side(first.height)};
}

}  // namespace easel
