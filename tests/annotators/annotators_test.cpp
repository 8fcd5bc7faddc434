// Annotators, compared with OpenCV's and with the rules of the web UI's extension computed with it.
#include "annotators/annotators.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "annotators/canny.h"
#include "annotators/rearranged.h"
#include "pictures/read.h"
#include "support/files.h"

namespace easel {
namespace {

Picture rocket() { return read_picture("../docs/pictures/rocket.png"); }

int greatest_difference(const Picture& a, const Picture& b) {
    EXPECT_EQ(a.pixels.size(), b.pixels.size());
    int greatest = 0;
    for (std::size_t i = 0; i < a.pixels.size(); ++i)
        greatest = std::max(greatest, std::abs(a.pixels[i] - b.pixels[i]));
    return greatest;
}

TEST(Annotators, DrawWhatOpenCvDraws) {
    const auto difference = [](const std::string& name) {
        return greatest_difference(annotator(name).annotate(rocket(), {}),
                                   read_picture("golden/annotators/" + name + ".png"));
    };
    EXPECT_EQ(difference("canny"), 0);
    EXPECT_EQ(difference("scribble"), 0);
    EXPECT_LE(difference("lineart"), 1) << "values are cut off, and sums differ in their last bits";
}

TEST(Annotators, KeepThePicturesSize) {
    for (const auto& [width, height] : {std::pair(1, 1), std::pair(1, 7), std::pair(13, 2)}) {
        const Picture small{width, height, std::vector<std::uint8_t>(3 * static_cast<std::size_t>(width * height), 77)};
        AnnotatorOptions options;
        options.mask = Mask{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width * height), 255)};
        for (const Annotator& row : annotators()) {
            const Picture drawn = row.annotate(small, options);
            EXPECT_EQ(drawn.width, width) << row.name;
            EXPECT_EQ(drawn.height, height) << row.name;
            EXPECT_EQ(drawn.pixels.size(), small.pixels.size()) << row.name;
        }
    }
}

TEST(Annotators, OfOtherNamesAreRefusedWithTheNames) {
    testing::expect_says(testing::sentence_of([] { annotator("depth"); }), {"depth", "canny, lineart, scribble"});
}

TEST(Canny, FindsNothingInOneColourAndMoreWithLowerThresholds) {
    const Picture grey{8, 8, std::vector<std::uint8_t>(3 * 64, 90)};
    EXPECT_TRUE(std::ranges::all_of(canny(grey, {}).pixels, [](auto pixel) { return pixel == 0; }));
    const auto white = [](const Picture& picture) { return std::ranges::count(picture.pixels, 255); };
    EXPECT_GT(white(canny(rocket(), {.low = 20, .high = 40, .mask = {}})), white(canny(rocket(), {})));
}

TEST(Tile, RemovesDetailsAndKeepsTheWhole) {
    const Picture before = rocket(), after = tile(before, {});
    const auto mean = [](const Picture& picture) {
        double sum = 0;
        for (const auto pixel : picture.pixels) sum += pixel;
        return sum / static_cast<double>(picture.pixels.size());
    };
    EXPECT_NE(after.pixels, before.pixels);
    EXPECT_NEAR(mean(after), mean(before), 1.0);
    EXPECT_EQ(tile(before, {.shrink = 1, .mask = {}}).pixels, before.pixels);
}

TEST(Shuffle, DependsOnItsSeed) {
    const auto with = [](std::uint64_t seed) { return shuffle(rocket(), {.seed = seed, .mask = {}}).pixels; };
    EXPECT_EQ(with(1), with(1));
    EXPECT_NE(with(1), with(2));
    EXPECT_NE(with(1), rocket().pixels);
}

TEST(Inpaint, BlackensTheMasksWhiteAndNeedsAMaskOfTheSameSize) {
    Picture picture{2, 1, {1, 2, 3, 4, 5, 6}};
    AnnotatorOptions options;
    testing::expect_says(testing::sentence_of([&] { without_masked(picture, options); }), {"`mask`"});
    options.mask = Mask{2, 1, {127, 128}};
    EXPECT_EQ(without_masked(picture, options).pixels, (std::vector<std::uint8_t>{1, 2, 3, 0, 0, 0}));
    options.mask = Mask{1, 1, {0}};
    testing::expect_says(testing::sentence_of([&] { without_masked(picture, options); }), {"`mask`", "1x1", "2x1"});
}

}  // namespace
}  // namespace easel
