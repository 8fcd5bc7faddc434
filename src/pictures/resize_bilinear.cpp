#include "pictures/resize_bilinear.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/error.h"

namespace easel {
namespace {

/// An output position: the mean of two inputs, weighted 1 - share and share.
struct Tap {
    std::size_t first, second;
    float share;
};

std::vector<Tap> taps(int inputs, int outputs, Coordinates coordinates) {
    const double scale = static_cast<double>(inputs) / outputs;
    const double shift = coordinates == Coordinates::half_pixel ? 0.5 : 0.0;
    std::vector<Tap> result;
    for (int i = 0; i < outputs; ++i) {
        const double place = std::clamp((i + shift) * scale - shift, 0.0, inputs - 1.0);
        const double first = std::floor(place);
        result.push_back({.first = static_cast<std::size_t>(first),
                          .second = static_cast<std::size_t>(std::min(first + 1, inputs - 1.0)),
                          .share = static_cast<float>(place - first)});
    }
    return result;
}

float mix(float first, float second, float share) { return first + (second - first) * share; }

/// Each row of `pixels` by itself: [rows, inputs, channels] to [rows, outputs, channels]. `unit` is what becomes 1.
template <typename Value>
std::vector<float> along_rows(std::span<const Value> pixels, int inputs, int outputs, std::size_t channels, float unit,
                              Coordinates coordinates) {
    const std::vector<Tap> columns = taps(inputs, outputs, coordinates);
    const std::size_t row_size = static_cast<std::size_t>(inputs) * channels;
    std::vector<float> result;
    result.reserve(pixels.size() / row_size * columns.size() * channels);
    for (std::size_t begin = 0; begin < pixels.size(); begin += row_size) {
        const auto row = pixels.subspan(begin, row_size);
        for (const Tap& tap : columns) {
            for (std::size_t c = 0; c < channels; ++c)
                result.push_back(mix(row[tap.first * channels + c], row[tap.second * channels + c], tap.share) / unit);
        }
    }
    return result;
}

/// From row to row: [inputs, row_size] to [outputs, row_size].
std::vector<float> along_columns(std::span<const float> values, int inputs, int outputs, Coordinates coordinates) {
    const std::size_t row_size = values.size() / static_cast<std::size_t>(inputs);
    std::vector<float> result(row_size * static_cast<std::size_t>(outputs));
    float* row = result.data();
    for (const Tap& tap : taps(inputs, outputs, coordinates)) {
        const float* const first = &values[tap.first * row_size];
        const float* const second = &values[tap.second * row_size];
        for (std::size_t i = 0; i < row_size; ++i) row[i] = mix(first[i], second[i], tap.share);
        row += row_size;
    }
    return result;
}

void check_size(int width, int height) {
    if (width < 1 || height < 1) fail_usage("a picture cannot be resized to {} x {} pixels", width, height);
}

}  // namespace

FloatImage resize_bilinear(const Picture& picture, int width, int height, Coordinates coordinates) {
    check_size(width, height);
    const auto rows = along_rows(std::span(picture.pixels), picture.width, width, 3, 255.0f, coordinates);
    return {width, height, 3, along_columns(rows, picture.height, height, coordinates)};
}

FloatImage resize_bilinear(const FloatImage& image, int width, int height, Coordinates coordinates) {
    check_size(width, height);
    const auto channels = static_cast<std::size_t>(image.channels);
    const auto rows = along_rows(std::span(image.values), image.width, width, channels, 1.0f, coordinates);
    return {width, height, image.channels, along_columns(rows, image.height, height, coordinates)};
}

}  // namespace easel
