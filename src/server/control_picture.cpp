#include "server/control_picture.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "pictures/resize.h"

namespace easel::server {
namespace {

int scaled(int side, double scale) {
    constexpr double most = 1e9;
    return static_cast<int>(std::clamp(std::round(side * scale), 1.0, most));
}

std::array<std::uint8_t, 3> median_of_edges(const Picture& picture) {
    std::array<std::vector<std::uint8_t>, 3> values;
    const auto add = [&](int x, int y) {
        const std::size_t pixel =
            3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(picture.width) + static_cast<std::size_t>(x));
        for (std::size_t channel = 0; channel < 3; ++channel)
            values[channel].push_back(picture.pixels[pixel + channel]);
    };
    for (int x = 0; x < picture.width; ++x) add(x, 0), add(x, picture.height - 1);
    for (int y = 0; y < picture.height; ++y) add(0, y), add(picture.width - 1, y);
    std::array<std::uint8_t, 3> colour{};
    for (std::size_t channel = 0; channel < 3; ++channel) {
        const auto middle = values[channel].begin() + static_cast<std::ptrdiff_t>(values[channel].size() / 2);
        std::ranges::nth_element(values[channel], middle);
        colour[channel] = *middle;
    }
    return colour;
}

Picture filled(const Picture& picture, int width, int height) {
    const double scale =
        std::min(static_cast<double>(width) / picture.width, static_cast<double>(height) / picture.height);
    const Picture inner = resize_lanczos(picture, std::min(width, scaled(picture.width, scale)),
                                         std::min(height, scaled(picture.height, scale)));
    const auto colour = median_of_edges(picture);
    Picture whole{width, height, {}};
    for (std::size_t i = 0; i < static_cast<std::size_t>(width) * static_cast<std::size_t>(height); ++i)
        whole.pixels.insert(whole.pixels.end(), colour.begin(), colour.end());
    const int left = (width - inner.width) / 2, top = (height - inner.height) / 2;
    const std::ptrdiff_t bytes_of_row = std::ptrdiff_t{3} * inner.width;
    for (std::ptrdiff_t row = 0; row < inner.height; ++row)
        std::copy_n(inner.pixels.begin() + row * bytes_of_row, bytes_of_row,
                    whole.pixels.begin() + 3 * ((top + row) * width + left));
    return whole;
}

/// Cut before it is resized, so that a long picture takes no more memory than a square one.
Picture covering(const Picture& picture, int width, int height) {
    const double aspect = static_cast<double>(width) / height;
    const int across = std::min(picture.width, scaled(picture.height, aspect));
    const int down = std::min(picture.height, scaled(picture.width, 1.0 / aspect));
    return resize_lanczos(cropped(picture, (picture.width - across) / 2, (picture.height - down) / 2, across, down),
                          width, height);
}

}  // namespace

Picture annotated(const ControlPicture& control) {
    const Picture& picture = control.picture;
    if (!control.annotator) return picture;
    const double pixels = static_cast<double>(picture.width) * picture.height;
    const double wanted =
        control.resolution ? static_cast<double>(*control.resolution) / std::min(picture.width, picture.height) : 1.0;
    const double scale = std::min(wanted, std::sqrt(most_annotated_pixels / pixels));
    const int width = scaled(picture.width, scale), height = scaled(picture.height, scale);
    AnnotatorOptions options = control.options;
    if (options.mask) options.mask = resize_lanczos(*options.mask, width, height);
    return control.annotator->annotate(resize_lanczos(picture, width, height), options);
}

int resolution_for(const Picture& picture, int width, int height, Fit fit) {
    const double by_width = static_cast<double>(width) / picture.width;
    const double by_height = static_cast<double>(height) / picture.height;
    const double scale = fit == Fit::fill ? std::min(by_width, by_height) : std::max(by_width, by_height);
    return scaled(std::min(picture.width, picture.height), scale);
}

Picture control_fitted(const Picture& picture, int width, int height, Fit fit) {
    if (fit == Fit::fill) return filled(picture, width, height);
    return fit == Fit::crop ? covering(picture, width, height) : resize_lanczos(picture, width, height);
}

}  // namespace easel::server
