#include "pictures/surroundings.h"

#include <cstdlib>

#include <gtest/gtest.h>

namespace easel {
namespace {

/// Grey `left` in the left half, `right` in the other.
Picture halves(int side, std::uint8_t left, std::uint8_t right) {
    Picture picture{side, side, {}};
    for (int i = 0; i < side * side; ++i)
        picture.pixels.insert(picture.pixels.end(), 3, i % side < side / 2 ? left : right);
    return picture;
}

/// White from column `begin` to before `end`.
Mask columns(int side, int begin, int end) {
    Mask mask{side, side, {}};
    for (int i = 0; i < side * side; ++i) mask.pixels.push_back(i % side >= begin && i % side < end ? 255 : 0);
    return mask;
}

TEST(FilledFromSurroundings, KeepsWhatIsBlackToTheBitAndFillsWithColoursAround) {
    const Picture picture = halves(64, 40, 200);
    const Picture filled = filled_from_surroundings(picture, columns(64, 24, 40));
    for (int x = 0; x < 64; ++x) {
        const std::uint8_t value = filled.pixels[3 * static_cast<std::size_t>(32 * 64 + x)];
        if (x < 24 || x >= 40)
            EXPECT_EQ(value, picture.pixels[3 * static_cast<std::size_t>(x)]) << x;
        else
            EXPECT_TRUE(value >= 40 && value <= 200) << x << ": " << int(value);
    }
    const auto at = [&](int x) { return filled.pixels[3 * static_cast<std::size_t>(32 * 64 + x)]; };
    EXPECT_LT(std::abs(at(24) - 40), 30);
    EXPECT_LT(std::abs(at(39) - 200), 30);
}

TEST(FilledFromSurroundings, LooksAtNothingUnderTheMask) {
    const Mask mask = columns(48, 20, 30);
    const auto filled_with = [&](std::uint8_t hidden) {
        Picture picture{48, 48, std::vector<std::uint8_t>(3 * 48 * 48, 90)};
        for (std::size_t i = 0; i < mask.pixels.size(); ++i)
            if (mask.pixels[i]) picture.pixels[3 * i] = hidden;
        return filled_from_surroundings(picture, mask);
    };
    EXPECT_EQ(filled_with(0), filled_with(255));
    for (const std::uint8_t value : filled_with(0).pixels) EXPECT_NEAR(value, 90, 1);
}

TEST(FilledFromSurroundings, IsBlackWhereNothingIsKept) {
    const Picture filled = filled_from_surroundings(halves(8, 40, 200), columns(8, 0, 8));
    for (const std::uint8_t value : filled.pixels) EXPECT_EQ(value, 0);
}

}  // namespace
}  // namespace easel
