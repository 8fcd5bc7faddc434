#pragma once

#include <cstdint>
#include <vector>

namespace easel {

/// A picture: 8-bit sRGB, rows from the top, three values a pixel. `pixels` has 3 * width * height values.
struct Picture {
    int width = 0;
    int height = 0;
    std::vector<std::uint8_t> pixels;
};

/// One value a pixel, 0 (black) to 255 (white), rows from the top. As a mask for masked image to image, white is
/// repainted and black is kept. `pixels` has width * height values.
struct Mask {
    int width = 0;
    int height = 0;
    std::vector<std::uint8_t> pixels;
};

}  // namespace easel
