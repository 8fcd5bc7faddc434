#include "pictures/resize_bilinear.h"

#include <gtest/gtest.h>

#include "pictures/helpers.h"

namespace easel {
namespace {

/// 10 x + 100 y.
FloatImage plane(int width, int height) {
    FloatImage image{width, height, 1, {}};
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) image.values.push_back(static_cast<float>(10 * x + 100 * y));
    }
    return image;
}

void expect_near(const std::vector<float>& values, const std::vector<float>& expected) {
    ASSERT_EQ(values.size(), expected.size());
    for (std::size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(values[i], expected[i], 1e-4f) << i;
}

TEST(ResizeBilinear, HalfPixelKeepsTheEdgesTogetherAndRepeatsThem) {
    const FloatImage row{2, 1, 1, {0, 1}};
    expect_near(resize_bilinear(row, 4, 1, Coordinates::half_pixel).values, {0, 0.25f, 0.75f, 1});
    expect_near(resize_bilinear(plane(4, 1), 2, 1, Coordinates::half_pixel).values, {5, 25});
}

TEST(ResizeBilinear, AsymmetricKeepsTheFirstPixelsTogether) {
    const FloatImage row{2, 1, 1, {0, 1}};
    expect_near(resize_bilinear(row, 4, 1, Coordinates::asymmetric).values, {0, 0.5f, 1, 1});
    expect_near(resize_bilinear(plane(5, 1), 2, 1, Coordinates::asymmetric).values, {0, 25});
}

TEST(ResizeBilinear, BothAxesAreStretchedByThemselves) {
    expect_near(resize_bilinear(plane(4, 3), 2, 6, Coordinates::asymmetric).values,
                {0, 20, 50, 70, 100, 120, 150, 170, 200, 220, 200, 220});
    expect_near(resize_bilinear(plane(2, 2), 1, 1, Coordinates::half_pixel).values, {55});
}

TEST(ResizeBilinear, APictureBecomesSharesOf255WithItsChannelsApart) {
    const Picture picture{2, 1, {0, 51, 255, 255, 51, 0}};
    const FloatImage middle = resize_bilinear(picture, 1, 1, Coordinates::half_pixel);
    EXPECT_EQ(middle.channels, 3);
    expect_near(middle.values, {0.5f, 0.2f, 0.5f});
    expect_near(resize_bilinear(picture, 2, 1, Coordinates::asymmetric).values, {0, 0.2f, 1, 1, 0.2f, 0});
}

TEST(ResizeBilinear, TheSameSizeChangesNothing) {
    for (const Coordinates coordinates : {Coordinates::half_pixel, Coordinates::asymmetric})
        EXPECT_EQ(resize_bilinear(plane(7, 5), 7, 5, coordinates).values, plane(7, 5).values);
}

TEST(ResizeBilinear, RefusesASizeOfNothing) {
    const auto sentence = [](const Picture& picture, int width, int height) {
        return sentence_of([&] { resize_bilinear(picture, width, height, Coordinates::half_pixel); });
    };
    const Picture pixel{1, 1, {0, 0, 0}};
    EXPECT_EQ(sentence(pixel, 0, 4), "a picture of 1 x 1 pixels cannot be resized to 0 x 4");
    EXPECT_EQ(sentence(pixel, 3, -1), "a picture of 1 x 1 pixels cannot be resized to 3 x -1");
    EXPECT_EQ(sentence({}, 3, 3), "a picture of 0 x 0 pixels cannot be resized to 3 x 3");
}

}  // namespace
}  // namespace easel
