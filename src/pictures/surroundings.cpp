#include "pictures/surroundings.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "base/error.h"

namespace easel {
namespace {

/// Red, green and blue, each times opacity, and opacity, from 0 to 1.
constexpr int channels = 4;
constexpr int opacity = 3;
/// A box blurred so often by a box is all but a Gaussian.
constexpr int passes = 3;

struct Layer {
    int width = 0;
    int height = 0;
    std::vector<float> values;
};

/// A line of pixels in a layer: its first value, and the distance to the next pixel's.
struct Line {
    float* first;
    std::ptrdiff_t stride;
    int length;
};

/// Means over `radius` pixels to either side, by a running sum; beyond the ends these are repeated.
void blur_line(const Line& line, int radius, std::vector<float>& out) {
    out.resize(static_cast<std::size_t>(line.length));
    const auto at = [&](int i) { return line.first[std::clamp(i, 0, line.length - 1) * line.stride]; };
    double sum = 0.0;
    for (int i = -radius; i <= radius; ++i) sum += at(i);
    for (int i = 0; i < line.length; ++i) {
        out[static_cast<std::size_t>(i)] = static_cast<float>(sum / (2 * radius + 1));
        sum += at(i + radius + 1) - at(i - radius);
    }
    for (int i = 0; i < line.length; ++i) line.first[i * line.stride] = out[static_cast<std::size_t>(i)];
}

Layer blurred(Layer layer, double sigma) {
    // The variance of a box of 2 r + 1 pixels is (r² + r) / 3.
    const int radius = static_cast<int>(std::lround((std::sqrt(12.0 * sigma * sigma / passes + 1.0) - 1.0) / 2.0));
    const std::ptrdiff_t row = static_cast<std::ptrdiff_t>(channels) * layer.width;
    std::vector<float> line;
    for (int pass = 0; pass < passes; ++pass) {
        for (int y = 0; y < layer.height; ++y)
            for (int c = 0; c < channels; ++c)
                blur_line({layer.values.data() + y * row + c, channels, layer.width}, radius, line);
        for (std::ptrdiff_t x = 0; x < row; ++x) blur_line({layer.values.data() + x, row, layer.height}, radius, line);
    }
    return layer;
}

/// What the mask keeps of the picture.
Layer kept(const Picture& picture, const Mask& mask) {
    Layer layer{picture.width, picture.height, {}};
    layer.values.reserve(channels * mask.pixels.size());
    for (std::size_t i = 0; i < mask.pixels.size(); ++i) {
        const float keeps = static_cast<float>(255 - mask.pixels[i]) / 255.0F;
        for (std::size_t c = 0; c < 3; ++c)
            layer.values.push_back(keeps * static_cast<float>(picture.pixels[3 * i + c]) / 255.0F);
        layer.values.push_back(keeps);
    }
    return layer;
}

/// Puts `upper` over `lower`.
void put_over(Layer& lower, const Layer& upper) {
    for (std::size_t i = 0; i < lower.values.size(); i += channels) {
        const float lets_through = 1.0F - upper.values[i + opacity];
        for (std::size_t c = 0; c < channels; ++c)
            lower.values[i + c] = upper.values[i + c] + lets_through * lower.values[i + c];
    }
}

}  // namespace

Picture filled_from_surroundings(const Picture& picture, const Mask& mask) {
    if (picture.width != mask.width || picture.height != mask.height)
        fail("the picture of {}x{} and the mask of {}x{} have different sizes", picture.width, picture.height,
             mask.width, mask.height);
    const Layer original = kept(picture, mask);
    Layer result{picture.width, picture.height, std::vector<float>(original.values.size())};
    constexpr std::pair<double, int> blurs[] = {{256.0, 1}, {64.0, 1}, {16.0, 2}, {4.0, 4}, {2.0, 2}};
    for (const auto& [sigma, times] : blurs) {
        const Layer layer = blurred(original, sigma);
        for (int i = 0; i < times; ++i) put_over(result, layer);
    }
    put_over(result, original);

    Picture filled = picture;
    for (std::size_t i = 0; i < mask.pixels.size(); ++i) {
        if (mask.pixels[i] == 0) continue;
        const float divisor = std::max(result.values[channels * i + opacity], 1e-6F);
        for (std::size_t c = 0; c < 3; ++c)
            filled.pixels[3 * i + c] = static_cast<std::uint8_t>(
                std::lround(255.0F * std::clamp(result.values[channels * i + c] / divisor, 0.0F, 1.0F)));
    }
    return filled;
}

}  // namespace easel
