#include "annotators/lines.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "annotators/planes.h"

namespace easel {
namespace {

/// As numpy's: the mean of the two in the middle of an even number. 0 of none.
float median(std::vector<float> values) {
    if (values.empty()) return 0.0F;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    if (values.size() % 2 == 1) return *middle;
    return (*std::max_element(values.begin(), middle) + *middle) / 2;
}

}  // namespace

Picture lineart(const Picture& picture, const AnnotatorOptions& /*options*/) {
    constexpr double sigma = 6.0;
    constexpr float noise = 8.0F, least_typical = 16.0F, grey = 127.0F, white = 255.0F;
    const Planes planes = planes_of(picture);
    std::vector<float> lines = least_difference(blurred(planes, sigma), planes);
    for (float& line : lines) line = std::clamp(line, 0.0F, white);
    std::vector<float> typical;
    std::ranges::copy_if(lines, std::back_inserter(typical), [](float line) { return line > noise; });
    const float scale = grey / std::max(least_typical, median(std::move(typical)));
    // Cut off and not rounded, as there.
    for (float& line : lines) line = std::floor(std::min(line * scale, white));
    return grey_picture(picture.width, picture.height, lines);
}

Picture scribble(const Picture& picture, const AnnotatorOptions& options) {
    constexpr double fine = 0.5, coarse = 5.0;
    constexpr float white = 255.0F;
    const Planes planes = planes_of(picture);
    std::vector<float> strokes = least_difference(blurred(planes, coarse), blurred(planes, fine));
    for (float& stroke : strokes) {
        const float paper = std::floor(std::clamp(white - stroke, 0.0F, white));
        stroke = 2 * (white - paper) > static_cast<float>(options.threshold) ? white : 0.0F;
    }
    return grey_picture(picture.width, picture.height, strokes);
}

}  // namespace easel
