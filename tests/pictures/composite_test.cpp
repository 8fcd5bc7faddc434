#include "pictures/composite.h"

#include <gtest/gtest.h>

#include "pictures/helpers.h"

namespace easel {
namespace {

/// 256 x 256 pixels: every pair of an original and a drawn value.
Picture ramp(bool down) {
    Picture picture{256, 256, {}};
    for (int y = 0; y < 256; ++y) {
        for (int x = 0; x < 256; ++x) {
            for (int c = 0; c < 3; ++c) picture.pixels.push_back(static_cast<std::uint8_t>(down ? y : x));
        }
    }
    return picture;
}

Mask even_mask(int value) { return {256, 256, std::vector<std::uint8_t>(256 * 256, static_cast<std::uint8_t>(value))}; }

TEST(Composite, KeepsTheOriginalBitForBitWhereTheMaskIsZero) {
    EXPECT_EQ(composite(ramp(false), ramp(true), even_mask(0)).pixels, ramp(false).pixels);
}

TEST(Composite, TakesTheDrawnBitForBitWhereTheMaskIsFull) {
    EXPECT_EQ(composite(ramp(false), ramp(true), even_mask(255)).pixels, ramp(true).pixels);
}

TEST(Composite, MixesByTheMaskInBetween) {
    for (const int share : {1, 64, 128, 254}) {
        const Picture mixed = composite(ramp(false), ramp(true), even_mask(share));
        for (int y = 0; y < 256; y += 5) {
            for (int x = 0; x < 256; x += 5) {
                const double exact = x + (y - x) * share / 255.0;
                ASSERT_NEAR(mixed.pixels[3 * (static_cast<std::size_t>(y) * 256 + x)], exact, 0.51);
            }
        }
    }
}

TEST(Composite, RefusesDifferentSizes) {
    Mask small{16, 16, std::vector<std::uint8_t>(256)};
    EXPECT_NE(sentence_of([&] { composite(ramp(false), ramp(true), small); }).find("16 x 16"), std::string::npos);
}

}  // namespace
}  // namespace easel
