#include "pictures/resize.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/error.h"
#include "pictures/separable.h"

namespace easel {
namespace {

double sinc(double x) { return x == 0 ? 1 : std::sin(std::numbers::pi * x) / (std::numbers::pi * x); }

double lanczos(double x) { return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0; }

AxisFilter lanczos_filter(int inputs, int outputs) {
    const double scale = static_cast<double>(inputs) / outputs;
    const double widening = std::max(scale, 1.0);
    const double support = 3 * widening;
    AxisFilter filter;
    std::vector<double> weights;
    for (int i = 0; i < outputs; ++i) {
        const double centre = (i + 0.5) * scale;
        const int first = std::max(0, static_cast<int>(centre - support + 0.5));
        const int end = std::min(inputs, static_cast<int>(centre + support + 0.5));
        weights.clear();
        for (int x = first; x < end; ++x) weights.push_back(lanczos((x - centre + 0.5) * (1 / widening)));
        filter.add(first, weights);
    }
    return filter;
}

/// Whether Pillow begins with the vertical pass: since 13.0 it does where the height shrinks much more than the width.
bool is_vertical_first(const auto& image, int width, int height) {
    const int rows_less = image.height - height, columns_less = image.width - width;
    return rows_less > 0 && rows_less > 2 * columns_less;
}

template <typename Image>
Image resize(const Image& image, int width, int height, int channels) {
    if (width < 1 || height < 1) fail_usage("a picture cannot be resized to {} x {} pixels", width, height);
    Image result = image;
    const auto along_rows = [&] {
        if (width != image.width)
            result.pixels = lanczos_filter(image.width, width).along_rows(result.pixels, image.width, channels);
        result.width = width;
    };
    const auto along_columns = [&] {
        if (height != image.height)
            result.pixels = lanczos_filter(image.height, height).along_columns(result.pixels, image.height);
        result.height = height;
    };
    if (is_vertical_first(image, width, height)) {
        along_columns();
        along_rows();
    } else {
        along_rows();
        along_columns();
    }
    return result;
}

}  // namespace

Picture resize_lanczos(const Picture& picture, int width, int height) { return resize(picture, width, height, 3); }

Mask resize_lanczos(const Mask& mask, int width, int height) { return resize(mask, width, height, 1); }

Picture thumbnail(const Picture& picture, int side) {
    const int longest = std::max(picture.width, picture.height);
    if (longest <= side) return picture;
    const auto scaled = [&](int length) {
        return static_cast<int>(std::max(1L, std::lround(double{1} * length * side / longest)));
    };
    return resize_lanczos(picture, scaled(picture.width), scaled(picture.height));
}

}  // namespace easel
