#include "pictures/fit.h"

#include <gtest/gtest.h>

namespace easel {
namespace {

/// The value of pixel (x, y) is 10 x + y.
Mask numbered(int width, int height) {
    Mask mask{width, height, {}};
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) mask.pixels.push_back(static_cast<std::uint8_t>(10 * x + y));
    return mask;
}

TEST(Cropped, IsTheBox) {
    const Mask part = cropped(numbered(5, 4), 1, 2, 3, 2);
    EXPECT_EQ(part.width, 3);
    EXPECT_EQ(part.pixels, (std::vector<std::uint8_t>{12, 22, 32, 13, 23, 33}));
    const Picture picture{2, 1, {1, 2, 3, 4, 5, 6}};
    EXPECT_EQ(cropped(picture, 1, 0, 1, 1), (Picture{1, 1, {4, 5, 6}}));
}

TEST(Fitted, CropCutsTheLongSideAndFillRepeatsTheEdges) {
    const Mask wide = numbered(8, 4);
    EXPECT_EQ(fitted(wide, 4, 4, Fit::crop).pixels, cropped(wide, 2, 0, 4, 4).pixels);
    const Mask filled = fitted(wide, 8, 8, Fit::fill);
    for (int y = 0; y < 8; ++y)
        for (int x = 0; x < 8; ++x)
            EXPECT_EQ(filled.pixels[static_cast<std::size_t>(8 * y + x)], 10 * x + std::clamp(y - 2, 0, 3))
                << x << ' ' << y;
}

TEST(Fitted, OfTheSameSizeIsThePictureItself) {
    for (const Fit fit : {Fit::stretch, Fit::crop, Fit::fill})
        EXPECT_EQ(fitted(numbered(5, 4), 5, 4, fit).pixels, numbered(5, 4).pixels);
}

TEST(Fitted, GivesAnySize) {
    for (const Fit fit : {Fit::stretch, Fit::crop, Fit::fill})
        for (const auto& [width, height] : {std::pair(1, 1), std::pair(1, 9), std::pair(30, 2)}) {
            const Mask mask = fitted(numbered(5, 4), width, height, fit);
            EXPECT_EQ(mask.pixels.size(), static_cast<std::size_t>(width) * height);
        }
}

// One of a pixel by millions would be enlarged to terabytes.
TEST(Fitted, OfAVeryLongPictureCutsBeforeItEnlarges) {
    const Mask line{.width = 1, .height = 4'000'000, .pixels = std::vector<std::uint8_t>(4'000'000, 7)};
    const Mask mask = fitted(line, 64, 48, Fit::crop);
    EXPECT_EQ(mask.width, 64);
    EXPECT_EQ(mask.height, 48);
    EXPECT_EQ(mask.pixels, std::vector<std::uint8_t>(64 * 48, 7));
}

}  // namespace
}  // namespace easel
