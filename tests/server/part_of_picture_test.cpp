#include "server/part_of_picture.h"

#include <gtest/gtest.h>

namespace easel::server {
namespace {

Mask mask_with(int width, int height, const Box& white) {
    Mask mask{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width) * height)};
    for (int y = white.top; y < white.top + white.height; ++y)
        for (int x = white.left; x < white.left + white.width; ++x)
            mask.pixels[static_cast<std::size_t>(y) * width + x] = 255;
    return mask;
}

TEST(BoxToDraw, IsTheMasksWithPaddingAndTheAspectOfTheSize) {
    EXPECT_EQ(box_to_draw(mask_with(100, 80, {40, 30, 20, 20}), 0, 64, 64), (Box{40, 30, 20, 20}));
    EXPECT_EQ(box_to_draw(mask_with(100, 80, {40, 30, 20, 20}), 5, 64, 64), (Box{35, 25, 30, 30}));
    EXPECT_EQ(box_to_draw(mask_with(100, 80, {40, 30, 20, 10}), 0, 64, 64), (Box{40, 25, 20, 20}));
    EXPECT_EQ(box_to_draw(mask_with(100, 80, {40, 30, 10, 20}), 0, 128, 64), (Box{25, 30, 40, 20}));
}

TEST(BoxToDraw, StaysInsideThePicture) {
    EXPECT_EQ(box_to_draw(mask_with(100, 80, {0, 70, 20, 10}), 4, 64, 64), (Box{0, 56, 24, 24}));
    EXPECT_EQ(box_to_draw(mask_with(100, 20, {0, 0, 100, 20}), 9, 64, 64), (Box{0, 0, 100, 20}));
}

TEST(BoxToDraw, IsTheWholePictureWhereTheMaskIsBlack) {
    EXPECT_EQ(box_to_draw(mask_with(100, 80, {}), 4, 64, 64), (Box{0, 0, 100, 80}));
}

TEST(PutBack, ChangesOnlyWhatTheMaskLets) {
    const Picture whole{4, 4, std::vector<std::uint8_t>(48, 10)};
    const PartOf part{whole, {1, 1, 2, 2}, mask_with(4, 4, {2, 1, 2, 2})};
    const Picture result = put_back(part, {2, 2, std::vector<std::uint8_t>(12, 200)});
    for (int y = 0; y < 4; ++y)
        for (int x = 0; x < 4; ++x)
            EXPECT_EQ(result.pixels[3 * static_cast<std::size_t>(4 * y + x)], x == 2 && (y == 1 || y == 2) ? 200 : 10)
                << x << ", " << y;
}

}  // namespace
}  // namespace easel::server
