#include "pictures/resize.h"

#include <gtest/gtest.h>

#include <easel/error.h>

#include "pictures/read.h"

namespace easel {
namespace {

TEST(Resize, ShrinksToTheBytesOfPillowsLanczos) {
    const Picture resized = resize_lanczos(read_picture("golden/inputs/init_160x120.png"), 96, 64);
    EXPECT_EQ(resized.width, 96);
    EXPECT_EQ(resized.height, 64);
    EXPECT_EQ(resized.pixels, read_picture("golden/inputs/init_160x120_to_96x64.png").pixels);
}

TEST(Resize, EnlargesToTheBytesOfPillowsLanczos) {
    const Picture resized = resize_lanczos(read_picture("golden/inputs/init_48x40.png"), 72, 88);
    EXPECT_EQ(resized.pixels, read_picture("golden/inputs/init_48x40_to_72x88.png").pixels);
}

// Image.resize((4, 4), LANCZOS) of Pillow 13; rows before columns would give 71, 142, 118, ...
TEST(Resize, BeginsWithTheColumnsWhereTheHeightShrinksMostAsPillowDoes) {
    Mask mask{5, 9, {}};
    for (int y = 0; y < mask.height; ++y)
        for (int x = 0; x < mask.width; ++x)
            mask.pixels.push_back(static_cast<std::uint8_t>(37 * x * x + 91 * y * y + 53 * x * y));
    EXPECT_EQ(resize_lanczos(mask, 4, 4).pixels,
              (std::vector<std::uint8_t>{69, 141, 119, 101, 143, 203, 118, 171, 158, 98, 167, 65, 121, 126, 119, 98}));
}

TEST(Resize, OfAMaskEqualsThatOfTheGreyPicture) {
    const Mask mask = read_mask("golden/inputs/mask_soft_64x64.png");
    const Picture picture = read_picture("golden/inputs/mask_soft_64x64.png");
    for (const auto& [width, height] : {std::pair(48, 100), std::pair(200, 9)}) {
        const Mask resized = resize_lanczos(mask, width, height);
        EXPECT_EQ(resized.pixels.size(), static_cast<std::size_t>(width * height));
        EXPECT_EQ(resized.pixels, grey_of(resize_lanczos(picture, width, height)).pixels);
    }
}

TEST(Resize, ToTheSameSizeChangesNothing) {
    const Picture picture = read_picture("golden/inputs/init_48x40.png");
    EXPECT_EQ(resize_lanczos(picture, 48, 40).pixels, picture.pixels);
}

TEST(Resize, KeepsAnEvenColourAtExtremeSizes) {
    const Picture pixel{1, 1, {10, 200, 255}};
    const Picture wide = resize_lanczos(pixel, 300, 2);
    const Picture point = resize_lanczos(wide, 1, 1);
    EXPECT_EQ(point.pixels, pixel.pixels);
    for (std::size_t i = 0; i < wide.pixels.size(); ++i) ASSERT_EQ(wide.pixels[i], pixel.pixels[i % 3]);
}

TEST(Resize, RefusesASizeOfNothing) {
    const Picture pixel{1, 1, {10, 200, 255}};
    EXPECT_THROW(resize_lanczos(pixel, 0, 5), Error);
    EXPECT_THROW(resize_lanczos(pixel, 5, -1), Error);
}

}  // namespace
}  // namespace easel
