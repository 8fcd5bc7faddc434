#include "server/control_picture.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace easel::server {
namespace {

Picture grey(int width, int height, std::uint8_t value = 90) {
    return {width, height, std::vector<std::uint8_t>(3 * static_cast<std::size_t>(width) * height, value)};
}

/// Black, with the middle third of its columns white.
Picture with_bar(int width, int height) {
    Picture picture = grey(width, height, 0);
    for (int y = 0; y < height; ++y)
        for (int x = width / 3; x < 2 * width / 3; ++x)
            std::fill_n(picture.pixels.begin() + 3 * (y * width + x), 3, std::uint8_t{255});
    return picture;
}

TEST(ControlPicture, HasTheSizeThatIsDrawnInEachFit) {
    for (const Fit fit : {Fit::stretch, Fit::crop, Fit::fill})
        for (const auto& [width, height] : {std::pair(64, 64), std::pair(1, 300), std::pair(300, 1), std::pair(7, 5)}) {
            const Picture fitted = control_fitted(grey(width, height), 48, 24, fit);
            EXPECT_EQ(fitted.width, 48);
            EXPECT_EQ(fitted.height, 24);
            EXPECT_EQ(fitted.pixels, grey(48, 24).pixels);
        }
}

TEST(ControlPicture, IsSurroundedByTheColourOfItsEdges) {
    const Picture fitted = control_fitted(with_bar(30, 30), 60, 30, Fit::fill);
    const auto at = [&](int x, int y) { return fitted.pixels[static_cast<std::size_t>(3 * (y * 60 + x))]; };
    EXPECT_EQ(at(0, 0), 0);
    EXPECT_EQ(at(30, 15), 255);
    EXPECT_EQ(at(59, 29), 0);
}

TEST(ControlPicture, IsCutOnBothSidesAlike) {
    const Picture cut = control_fitted(with_bar(90, 30), 30, 30, Fit::crop);
    EXPECT_EQ(cut.pixels, grey(30, 30, 255).pixels);
}

TEST(ControlPicture, IsLookedAtInTheResolutionThatIsAsked) {
    const ControlPicture asked{.picture = with_bar(30, 60), .annotator = &annotator("canny"), .resolution = 90};
    const Picture edges = annotated(asked);
    EXPECT_EQ(edges.width, 90);
    EXPECT_EQ(edges.height, 180);
    EXPECT_GT(std::ranges::count(edges.pixels, 255), 0);
    EXPECT_EQ(annotated({.picture = with_bar(30, 60), .resolution = 90}).width, 30) << "there is nothing to be made";
    EXPECT_EQ(resolution_for(grey(200, 100), 64, 64, Fit::crop), 64);
    EXPECT_EQ(resolution_for(grey(200, 100), 64, 64, Fit::fill), 32);
}

TEST(ControlPicture, OfAnySizeIsLookedAtInBoundedMemory) {
    const ControlPicture tall{.picture = grey(2, 100'000), .annotator = &annotator("canny"), .resolution = 2048};
    const Picture edges = annotated(tall);
    EXPECT_LE(static_cast<double>(edges.width) * edges.height, 1.5 * most_annotated_pixels);
}

}  // namespace
}  // namespace easel::server
