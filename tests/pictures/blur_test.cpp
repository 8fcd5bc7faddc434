#include "pictures/blur.h"

#include <cmath>
#include <limits>
#include <numbers>

#include <gtest/gtest.h>

#include "pictures/helpers.h"

namespace easel {
namespace {

/// Black on the left, white from the column `edge` on.
Mask half_white(int width, int height, int edge) {
    Mask mask{width, height, {}};
    for (int i = 0; i < width * height; ++i) mask.pixels.push_back(i % width >= edge ? 255 : 0);
    return mask;
}

TEST(Blur, SoftensAnEdgeAsTheNormalDistributionFalls) {
    const double sigma = 4;
    const Mask blurred = blur(half_white(80, 9, 40), sigma);
    for (int x = 0; x < 80; ++x) {
        const double exact = 255 * 0.5 * (1 + std::erf((x - 39.5) / sigma / std::numbers::sqrt2));
        for (int y = 0; y < 9; ++y) EXPECT_NEAR(blurred.pixels[static_cast<std::size_t>(y) * 80 + x], exact, 1.5) << x;
    }
}

TEST(Blur, LeavesBlackAndWhiteExactBeyondThreeSigma) {
    const Mask blurred = blur(half_white(80, 3, 40), 4);
    for (int x = 0; x < 40 - 12; ++x) EXPECT_EQ(blurred.pixels[x], 0) << x;
    for (int x = 40 + 12; x < 80; ++x) EXPECT_EQ(blurred.pixels[x], 255) << x;
}

TEST(Blur, KeepsAnEvenMaskEvenUpToItsEdges) {
    for (const int value : {0, 1, 128, 255}) {
        const Mask even{33, 21, std::vector<std::uint8_t>(33 * 21, static_cast<std::uint8_t>(value))};
        for (const double sigma : {0.3, 2.0, 50.0}) EXPECT_EQ(blur(even, sigma).pixels, even.pixels) << sigma;
    }
}

TEST(Blur, SpreadsAPointAlikeInAllDirections) {
    Mask point{21, 21, std::vector<std::uint8_t>(21 * 21, 0)};
    point.pixels[10 * 21 + 10] = 255;
    const Mask blurred = blur(point, 1);
    EXPECT_NEAR(blurred.pixels[10 * 21 + 10], 255 / (2 * std::numbers::pi), 1);
    for (int y = 0; y < 21; ++y) {
        for (int x = 0; x < 21; ++x) EXPECT_NEAR(blurred.pixels[y * 21 + x], blurred.pixels[x * 21 + 20 - y], 1);
    }
}

TEST(Blur, ByZeroChangesNothing) {
    const Mask mask = half_white(10, 10, 3);
    EXPECT_EQ(blur(mask, 0).pixels, mask.pixels);
}

TEST(Blur, RefusesWhatIsNoWidth) {
    const Mask mask = half_white(10, 10, 3);
    for (const double sigma : {-1.0, 1001.0, std::numeric_limits<double>::quiet_NaN()}) {
        EXPECT_NE(sentence_of([&] { blur(mask, sigma); }).find("0 to 1000"), std::string::npos);
    }
}

}  // namespace
}  // namespace easel
