#include "annotators/planes.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace easel {
namespace {

/// Where a position beyond an edge is mirrored to.
int mirrored(int i, int size) {
    if (size == 1) return 0;
    const int period = 2 * (size - 1);
    i = (i % period + period) % period;
    return i < size ? i : period - i;
}

std::vector<float> gaussian(double sigma) {
    const int radius = static_cast<int>(std::lround(sigma * 8 + 1)) / 2;
    std::vector<float> kernel;
    double sum = 0.0;
    for (int i = -radius; i <= radius; ++i) sum += std::exp(-i * i / (2 * sigma * sigma));
    for (int i = -radius; i <= radius; ++i)
        kernel.push_back(static_cast<float>(std::exp(-i * i / (2 * sigma * sigma)) / sum));
    return kernel;
}

/// Filters `lines` lines of `size` values each; a value is `step`, a line `line_step` further than the last.
std::vector<float> filtered(const std::vector<float>& values, const std::vector<float>& kernel, int lines, int size,
                            std::size_t line_step, std::size_t step) {
    std::vector<float> result(values.size());
    const int radius = static_cast<int>(kernel.size()) / 2;
    std::vector<float> line(static_cast<std::size_t>(size + 2 * radius));
    for (int number = 0; number < lines; ++number) {
        const std::size_t begin = static_cast<std::size_t>(number) * line_step;
        for (int i = 0; i < size + 2 * radius; ++i)
            line[static_cast<std::size_t>(i)] =
                values[begin + static_cast<std::size_t>(mirrored(i - radius, size)) * step];
        for (std::size_t i = 0; i < static_cast<std::size_t>(size); ++i) {
            float sum = 0.0F;
            for (std::size_t k = 0; k < kernel.size(); ++k) sum += kernel[k] * line[i + k];
            result[begin + i * step] = sum;
        }
    }
    return result;
}

}  // namespace

Planes planes_of(const Picture& picture) {
    Planes planes{.width = picture.width, .height = picture.height, .channels = {}};
    for (std::size_t channel = 0; channel < 3; ++channel) {
        std::vector<float>& values = planes.channels.emplace_back();
        for (std::size_t i = channel; i < picture.pixels.size(); i += 3)
            values.push_back(static_cast<float>(picture.pixels[i]));
    }
    return planes;
}

Planes blurred(const Planes& planes, double sigma) {
    const std::vector<float> kernel = gaussian(sigma);
    const auto row = static_cast<std::size_t>(planes.width);
    Planes result{.width = planes.width, .height = planes.height, .channels = {}};
    for (const std::vector<float>& channel : planes.channels)
        result.channels.push_back(filtered(filtered(channel, kernel, planes.height, planes.width, row, 1), kernel,
                                           planes.width, planes.height, 1, row));
    return result;
}

std::vector<float> least_difference(const Planes& a, const Planes& b) {
    std::vector<float> least(a.channels.front().size(), std::numeric_limits<float>::max());
    for (std::size_t channel = 0; channel < a.channels.size(); ++channel)
        for (std::size_t i = 0; i < least.size(); ++i)
            least[i] = std::min(least[i], a.channels[channel][i] - b.channels[channel][i]);
    return least;
}

Picture grey_picture(int width, int height, const std::vector<float>& values) {
    Picture picture{width, height, {}};
    picture.pixels.reserve(3 * values.size());
    for (const float value : values)
        picture.pixels.insert(picture.pixels.end(), 3,
                              static_cast<std::uint8_t>(std::clamp(std::nearbyint(value), 0.0F, 255.0F)));
    return picture;
}

}  // namespace easel
