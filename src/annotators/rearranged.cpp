#include "annotators/rearranged.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "pictures/resize.h"

namespace easel {
namespace {

/// Noise in 0..1 that changes over some `period` pixels: random numbers on a coarse grid, joined by cubics.
std::vector<float> smooth_noise(int width, int height, double period, MersenneTwister& words) {
    const int columns = static_cast<int>(width / period) + 4, rows = static_cast<int>(height / period) + 4;
    std::vector<double> grid(static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows));
    for (double& value : grid) value = words.next() / 4294967296.0;
    // Of the four grid points around a position (Catmull & Rom 1974).
    const auto weights = [](double t) {
        return std::array{(-t + 2 * t * t - t * t * t) / 2, (2 - 5 * t * t + 3 * t * t * t) / 2,
                          (t + 4 * t * t - 3 * t * t * t) / 2, (-t * t + t * t * t) / 2};
    };
    std::vector<float> noise;
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) {
            const double column = x / period, row = y / period;
            const auto across = weights(column - std::floor(column)), down = weights(row - std::floor(row));
            double sum = 0.0;
            for (std::size_t j = 0; j < down.size(); ++j)
                for (std::size_t i = 0; i < across.size(); ++i)
                    sum += down[j] * across[i] *
                           grid[(static_cast<std::size_t>(row) + j) * static_cast<std::size_t>(columns) +
                                static_cast<std::size_t>(column) + i];
            noise.push_back(static_cast<float>(sum));
        }
    const auto [least, most] = std::ranges::minmax(noise);
    const float range = std::max(most - least, 1e-6F);
    for (float& value : noise) value = (value - least) / range;
    return noise;
}

}  // namespace

Picture tile(const Picture& picture, const AnnotatorOptions& options) {
    const auto smaller = [&](int side) { return std::max(1, static_cast<int>(std::lround(side / options.shrink))); };
    return resize_lanczos(resize_lanczos(picture, smaller(picture.width), smaller(picture.height)), picture.width,
                          picture.height);
}

Picture shuffle(const Picture& picture, const AnnotatorOptions& options) {
    constexpr double period = 256.0;
    MersenneTwister words(static_cast<std::uint32_t>(options.seed));
    const std::vector<float> across = smooth_noise(picture.width, picture.height, period, words);
    const std::vector<float> down = smooth_noise(picture.width, picture.height, period, words);
    Picture moved{picture.width, picture.height, {}};
    moved.pixels.reserve(picture.pixels.size());
    for (std::size_t i = 0; i < across.size(); ++i) {
        const float x = across[i] * static_cast<float>(picture.width - 1);
        const float y = down[i] * static_cast<float>(picture.height - 1);
        const auto left = static_cast<std::size_t>(x), top = static_cast<std::size_t>(y);
        const auto right = std::min(left + 1, static_cast<std::size_t>(picture.width) - 1);
        const auto bottom = std::min(top + 1, static_cast<std::size_t>(picture.height) - 1);
        for (std::size_t channel = 0; channel < 3; ++channel) {
            const auto at = [&](std::size_t column, std::size_t row) {
                return static_cast<float>(
                    picture.pixels[3 * (row * static_cast<std::size_t>(picture.width) + column) + channel]);
            };
            const float above = std::lerp(at(left, top), at(right, top), x - static_cast<float>(left));
            const float below = std::lerp(at(left, bottom), at(right, bottom), x - static_cast<float>(left));
            moved.pixels.push_back(
                static_cast<std::uint8_t>(std::lround(std::lerp(above, below, y - static_cast<float>(top)))));
        }
    }
    return moved;
}

Picture without_masked(const Picture& picture, const AnnotatorOptions& options) {
    if (!options.mask) refuse("mask", "inpaint takes the mask's white out of the picture; give it");
    if (options.mask->width != picture.width || options.mask->height != picture.height)
        refuse("mask", "it has {}x{} pixels, and the picture {}x{}", options.mask->width, options.mask->height,
               picture.width, picture.height);
    Picture rest = picture;
    constexpr std::uint8_t half = 127;
    for (std::size_t i = 0; i < rest.pixels.size(); ++i)
        if (options.mask->pixels[i / 3] > half) rest.pixels[i] = 0;
    return rest;
}

}  // namespace easel
