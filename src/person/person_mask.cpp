#include "person/person_mask.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "pictures/blur.h"
#include "pictures/mask.h"

namespace easel {

void check(const PersonMaskOptions& options) {
    if (!(options.threshold >= 0.0 && options.threshold <= 1.0))
        refuse_value("threshold", options.threshold, "give a probability from 0 to 1");
    if (options.grow < 0 || options.grow > 1000) refuse_value("grow", options.grow, "give 0 to 1000 pixels");
    if (!(options.feather >= 0.0 && options.feather <= 1000.0))
        refuse_value("feather", options.feather, "give 0 to 1000 pixels");
}

PersonFinder::PersonFinder(const std::filesystem::path& tflite, const std::string& device, int threads)
    : runtime_({.device = device, .precision = "f32", .threads = threads}), segmenter_(runtime_, tflite) {}

FloatImage PersonFinder::probabilities(const Picture& picture, std::stop_token stop) {
    const FloatImage input = resize_bilinear(picture, segmenter_.width(), segmenter_.height(), Coordinates::asymmetric);
    const auto found = segmenter_.probabilities(input.values, stop);
    const FloatImage output{segmenter_.width(), segmenter_.height(), 1, {found.begin(), found.end()}};
    return resize_bilinear(output, picture.width, picture.height, Coordinates::half_pixel);
}

Mask PersonFinder::mask(const Picture& picture, const PersonMaskOptions& options, std::stop_token stop) {
    check(options);
    const FloatImage found = probabilities(picture, stop);
    Mask mask = above(found, options.threshold);
    if (std::ranges::find(mask.pixels, 255) == mask.pixels.end())
        fail(
            "no person was found: the greatest probability in the picture is {:.3g}, which is not above {}; give a "
            "lower `threshold`, or another picture",
            std::ranges::max(found.values), options.threshold);
    if (options.invert) mask = inverted(std::move(mask));
    if (options.grow > 0) mask = grown(mask, options.grow);
    return options.feather > 0 ? blur(mask, options.feather) : mask;
}

}  // namespace easel
