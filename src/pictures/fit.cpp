#include "pictures/fit.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "pictures/resize.h"

namespace easel {
namespace {

template <typename Image>
constexpr int channels_of = std::is_same_v<Image, Picture> ? 3 : 1;

/// The box of that size whose upper left corner is at (left, top) of `image`; beyond the edges they are repeated.
template <typename Image>
Image window(const Image& image, int left, int top, int width, int height) {
    constexpr int channels = channels_of<Image>;
    Image result{width, height, {}};
    result.pixels.reserve(static_cast<std::size_t>(channels) * width * height);
    for (int y = 0; y < height; ++y) {
        const std::size_t row =
            static_cast<std::size_t>(std::clamp(top + y, 0, image.height - 1)) * image.width * channels;
        for (int x = 0; x < width; ++x) {
            const auto pixel = image.pixels.begin() +
                               static_cast<std::ptrdiff_t>(
                                   row + static_cast<std::size_t>(std::clamp(left + x, 0, image.width - 1)) * channels);
            result.pixels.insert(result.pixels.end(), pixel, pixel + channels);
        }
    }
    return result;
}

template <typename Image>
Image fit_image(const Image& image, int width, int height, Fit fit) {
    if (fit == Fit::stretch || (image.width == width && image.height == height))
        return resize_lanczos(image, width, height);
    const double by_width = static_cast<double>(width) / image.width;
    const double by_height = static_cast<double>(height) / image.height;
    const double scale = fit == Fit::crop ? std::max(by_width, by_height) : std::min(by_width, by_height);
    // Of a very long picture most is cut off, which is not enlarged before.
    constexpr double most_times = 8.0;
    const auto part = [&](int side, int wanted) {
        return static_cast<int>(std::min<double>(side, std::ceil(most_times * wanted / scale)));
    };
    if (const int across = part(image.width, width), down = part(image.height, height);
        across < image.width || down < image.height)
        return fit_image(window(image, (image.width - across) / 2, (image.height - down) / 2, across, down), width,
                         height, fit);
    const auto scaled = [&](int side) { return std::max(1, static_cast<int>(std::lround(side * scale))); };
    const Image whole = resize_lanczos(image, scaled(image.width), scaled(image.height));
    return window(whole, (whole.width - width) / 2, (whole.height - height) / 2, width, height);
}

}  // namespace

Picture cropped(const Picture& picture, int left, int top, int width, int height) {
    return window(picture, left, top, width, height);
}

Mask cropped(const Mask& mask, int left, int top, int width, int height) {
    return window(mask, left, top, width, height);
}

Picture fitted(const Picture& picture, int width, int height, Fit fit) {
    return fit_image(picture, width, height, fit);
}

Mask fitted(const Mask& mask, int width, int height, Fit fit) { return fit_image(mask, width, height, fit); }

}  // namespace easel
