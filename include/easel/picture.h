#pragma once

#include <cstdint>
#include <vector>

// What libeasel.so shows to programs.
#pragma GCC visibility push(default)

namespace easel {

/// A picture: 8-bit sRGB, rows from the top, three values a pixel. `pixels` has 3 * width * height values.
struct Picture {
    /// In pixels.
    int width = 0;
    /// In pixels.
    int height = 0;
    /// Row after row, without padding.
    std::vector<std::uint8_t> pixels;
    /// The same size and pixels.
    bool operator==(const Picture&) const = default;
};

/// One value a pixel, 0 (black) to 255 (white), rows from the top. As a mask for masked image to image, white is
/// repainted and black is kept. `pixels` has width * height values.
struct Mask {
    /// In pixels.
    int width = 0;
    /// In pixels.
    int height = 0;
    /// Row after row, without padding.
    std::vector<std::uint8_t> pixels;
};

}  // namespace easel

#pragma GCC visibility pop
