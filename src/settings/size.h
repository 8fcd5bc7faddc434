#pragma once

#include <string_view>
#include <vector>

namespace easel {

/// Width and height in pixels.
struct Size {
    int width = 0;
    int height = 0;
    bool operator==(const Size&) const = default;
};

/// Throws Error about the field unless a side is a multiple of `multiple` that is not too large.
void check_side(std::string_view field, int side, int multiple);

/// What a UNet with added conditions is told of sizes, for the prompt and for the unconditional half: height and width
/// of the original, top and left of the crop, height and width of the target, or in place of that an aesthetic score.
/// Empty for other UNets.
struct SizeIds {
    std::vector<double> cond, uncond;
};

}  // namespace easel
