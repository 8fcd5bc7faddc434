#include "pictures/resize_bilinear.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

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

/// Each row by itself: [rows, inputs, channels] to [rows, outputs, channels].
template <typename Value>
std::vector<float> along_rows(const std::vector<Value>& values, int inputs, int outputs, int channels,
                              Coordinates coordinates) {
    const std::vector<Tap> columns = taps(inputs, outputs, coordinates);
    const auto pixel_size = static_cast<std::size_t>(channels);
    const std::size_t row_size = static_cast<std::size_t>(inputs) * pixel_size;
    std::vector<float> result;
    result.reserve(values.size() / row_size * columns.size() * pixel_size);
    for (std::size_t row = 0; row < values.size(); row += row_size) {
        for (const Tap& tap : columns) {
            const std::size_t first = row + tap.first * pixel_size, second = row + tap.second * pixel_size;
            for (std::size_t c = 0; c < pixel_size; ++c)
                result.push_back(mix(values[first + c], values[second + c], tap.share));
        }
    }
    return result;
}

/// From row to row: [inputs, row_size] to [outputs, row_size].
template <typename Value>
std::vector<float> along_columns(const std::vector<Value>& values, int inputs, int outputs, Coordinates coordinates) {
    const std::size_t row_size = values.size() / static_cast<std::size_t>(inputs);
    std::vector<float> result(row_size * static_cast<std::size_t>(outputs));
    float* row = result.data();
    for (const Tap& tap : taps(inputs, outputs, coordinates)) {
        const Value* const first = &values[tap.first * row_size];
        const Value* const second = &values[tap.second * row_size];
        for (std::size_t i = 0; i < row_size; ++i) row[i] = mix(first[i], second[i], tap.share);
        row += row_size;
    }
    return result;
}

struct Shape {
    int width, height, channels;
};

template <typename Value>
FloatImage resize(const std::vector<Value>& values, const Shape& from, int width, int height, Coordinates coordinates) {
    if (values.empty() || width < 1 || height < 1)
        fail_usage("a picture of {} x {} pixels cannot be resized to {} x {}", from.width, from.height, width, height);
    FloatImage result{width, height, from.channels, {}};
    // The order that has less to do.
    if (height < from.height) {
        result.values = along_rows(along_columns(values, from.height, height, coordinates), from.width, width,
                                   from.channels, coordinates);
    } else {
        result.values = along_columns(along_rows(values, from.width, width, from.channels, coordinates), from.height,
                                      height, coordinates);
    }
    return result;
}

}  // namespace

FloatImage resize_bilinear(const Picture& picture, int width, int height, Coordinates coordinates) {
    FloatImage result = resize(picture.pixels, {picture.width, picture.height, 3}, width, height, coordinates);
    for (float& value : result.values) value /= 255.0f;
    return result;
}

FloatImage resize_bilinear(const FloatImage& image, int width, int height, Coordinates coordinates) {
    return resize(image.values, {image.width, image.height, image.channels}, width, height, coordinates);
}

}  // namespace easel
