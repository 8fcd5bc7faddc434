#include "pictures/mask.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/random.h"
#include "pictures/helpers.h"
#include "pictures/read.h"
#include "pictures/write.h"

namespace easel {
namespace {

Mask black(int width, int height) {
    return {width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width * height), 0)};
}

std::uint8_t& at(Mask& mask, int x, int y) { return mask.pixels[static_cast<std::size_t>(y * mask.width + x)]; }

TEST(Above, CountsOnlyWhatIsGreaterThanTheThreshold) {
    EXPECT_EQ(above({4, 1, 1, {0.0f, 0.1f, 0.1001f, 1.0f}}, 0.1).pixels, (std::vector<std::uint8_t>{0, 0, 255, 255}));
    EXPECT_EQ(above({2, 1, 1, {0.0f, 1e-9f}}, 0.0).pixels, (std::vector<std::uint8_t>{0, 255}));
}

TEST(Inverted, TurnsBlackAndWhiteRoundAndGreyToo) {
    EXPECT_EQ(inverted({3, 1, {0, 255, 100}}).pixels, (std::vector<std::uint8_t>{255, 0, 155}));
}

TEST(Grown, IsWhiteWhereSomethingWhiteLiesWithinTheDistance) {
    Mask mask = black(37, 23);
    MersenneTwister random(3);
    for (std::uint8_t& pixel : mask.pixels) pixel = random.next() % 100 == 0 ? 255 : 0;
    ASSERT_GT(std::ranges::count(mask.pixels, 255), 3);
    for (const int radius : {1, 2, 5, 60}) {
        Mask expected = black(mask.width, mask.height);
        for (int y = 0; y < mask.height; ++y)
            for (int x = 0; x < mask.width; ++x)
                for (int v = 0; v < mask.height; ++v)
                    for (int u = 0; u < mask.width; ++u)
                        if (at(mask, u, v) && (u - x) * (u - x) + (v - y) * (v - y) <= radius * radius)
                            at(expected, x, y) = 255;
        EXPECT_EQ(grown(mask, radius).pixels, expected.pixels) << radius;
    }
}

TEST(Grown, ByZeroChangesNothingAndLeavesBlackBlack) {
    Mask mask = black(9, 9);
    EXPECT_EQ(grown(mask, 4).pixels, mask.pixels);
    at(mask, 4, 4) = 255;
    EXPECT_EQ(grown(mask, 0).pixels, mask.pixels);
}

TEST(Grown, RefusesADistanceThatIsNone) {
    for (const int pixels : {-1, 1001})
        EXPECT_NE(sentence_of([&] { grown(black(3, 3), pixels); }).find("0 to 1000"), std::string::npos);
}

TEST(Overlay, TintsWhatIsWhiteAndKeepsWhatIsBlack) {
    const Picture picture{2, 1, {10, 20, 30, 10, 20, 30}};
    EXPECT_EQ(overlay(picture, {2, 1, {0, 255}}).pixels, (std::vector<std::uint8_t>{10, 20, 30, 5, 137, 15}));
    EXPECT_NE(sentence_of([&] { overlay(picture, black(3, 1)); }).find("sizes must be equal"), std::string::npos);
}

TEST(WriteMask, ComesBackAsItWas) {
    const TemporaryFolder folder;
    Mask mask = black(16, 16);
    for (int i = 0; i < 256; ++i) mask.pixels[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(i);
    write_mask(folder / "mask.png", mask, OutputFile::IfExists::refuse);
    const Mask back = read_mask(folder / "mask.png");
    EXPECT_EQ(back.width, 16);
    EXPECT_EQ(back.pixels, mask.pixels);
    for (const char* lossy : {"mask.jpg", "mask.webp"}) {
        write_mask(folder / lossy, mask, OutputFile::IfExists::refuse);
        EXPECT_LE(greatest_difference(read_mask(folder / lossy).pixels, mask.pixels), 12) << lossy;
    }
}

TEST(WriteMask, RefusesAFileThatIsThereAndAnotherKind) {
    const TemporaryFolder folder;
    write_mask(folder / "mask.png", black(2, 2), OutputFile::IfExists::refuse);
    EXPECT_NE(sentence_of([&] { write_mask(folder / "mask.png", black(3, 3), OutputFile::IfExists::refuse); }), "");
    EXPECT_EQ(read_mask(folder / "mask.png").width, 2);
    write_mask(folder / "mask.png", black(3, 3), OutputFile::IfExists::replace);
    EXPECT_EQ(read_mask(folder / "mask.png").width, 3);
    EXPECT_NE(sentence_of([&] { write_mask(folder / "mask.gif", black(2, 2), OutputFile::IfExists::refuse); }), "");
}

}  // namespace
}  // namespace easel
