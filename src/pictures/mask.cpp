#include "pictures/mask.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/error.h"
#include "pictures/composite.h"

namespace easel {
namespace {

constexpr std::array<int, 3> tint = {0, 255, 0};

/// Pixels of a row from `begin` to before `end` that are not black.
struct Run {
    int begin, end;
};

std::vector<Run> runs_of(const std::uint8_t* row, int width) {
    std::vector<Run> runs;
    for (int x = 0; x < width; ++x) {
        if (row[x] == 0) continue;
        const int begin = x;
        while (x < width && row[x] != 0) ++x;
        runs.push_back({begin, x});
    }
    return runs;
}

/// How far a disc reaches to either side, `dy` from its centre.
int half_chord(int radius, int dy) {
    return static_cast<int>(std::sqrt(static_cast<double>(radius * radius - dy * dy)));
}

}  // namespace

Mask above(const FloatImage& image, double threshold) {
    Mask mask{image.width, image.height, std::vector<std::uint8_t>(image.values.size())};
    std::ranges::transform(image.values, mask.pixels.begin(),
                           [limit = static_cast<float>(threshold)](float value) { return value > limit ? 255 : 0; });
    return mask;
}

Mask inverted(Mask mask) {
    for (std::uint8_t& pixel : mask.pixels) pixel = static_cast<std::uint8_t>(255 - pixel);
    return mask;
}

Mask grown(const Mask& mask, int pixels) {
    if (pixels < 0 || pixels > 1000) fail_usage("a mask is grown by 0 to 1000 pixels, not by {}", pixels);
    if (pixels == 0) return mask;
    const auto width = static_cast<std::size_t>(mask.width);
    std::vector<std::vector<Run>> runs;
    runs.reserve(static_cast<std::size_t>(mask.height));
    for (int y = 0; y < mask.height; ++y)
        runs.push_back(runs_of(mask.pixels.data() + static_cast<std::size_t>(y) * width, mask.width));

    Mask result{mask.width, mask.height, {}};
    result.pixels.reserve(mask.pixels.size());
    std::vector<int> changes(width + 1);  // of how many grown runs cover a pixel, from the one before to this
    for (int y = 0; y < mask.height; ++y) {
        std::ranges::fill(changes, 0);
        for (int other = std::max(0, y - pixels); other <= std::min(mask.height - 1, y + pixels); ++other) {
            const int reach = half_chord(pixels, other - y);
            for (const Run& run : runs[static_cast<std::size_t>(other)]) {
                ++changes[static_cast<std::size_t>(std::max(0, run.begin - reach))];
                --changes[static_cast<std::size_t>(std::min(mask.width, run.end + reach))];
            }
        }
        int covering = 0;
        for (std::size_t x = 0; x < width; ++x) result.pixels.push_back((covering += changes[x]) > 0 ? 255 : 0);
    }
    return result;
}

Picture overlay(const Picture& picture, const Mask& mask) {
    Picture tinted = picture;
    for (std::size_t i = 0; i < tinted.pixels.size(); ++i)
        tinted.pixels[i] = static_cast<std::uint8_t>((tinted.pixels[i] + tint[i % 3]) / 2);
    return composite(picture, tinted, mask);
}

}  // namespace easel
