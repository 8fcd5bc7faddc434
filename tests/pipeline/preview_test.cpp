#include "pipeline/preview.h"

#include <cmath>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

namespace easel {
namespace {

LatentSpace stable_diffusion_1() { return {.colours = stable_diffusion_1_colours()}; }

/// One pixel of each latent, [4, 1, 2].
std::vector<std::uint8_t> pixels(const std::vector<float>& latents) {
    return colours_of(latents, {.height = 1, .width = 2}, stable_diffusion_1()).pixels;
}

TEST(Preview, NoLatentsAreGrey) { EXPECT_EQ(pixels(std::vector<float>(8, 0.0f)), std::vector<std::uint8_t>(6, 128)); }

TEST(Preview, MixesTheChannelsOfEachLatent) {
    // (0.298 + 0.187) / 2 + 0.5 of 255, ...
    EXPECT_EQ(pixels({1, 0, 1, 0, 0, 0, 0, 0}), (std::vector<std::uint8_t>{189, 190, 176, 128, 128, 128}));
}

TEST(Preview, CutsOffWhatNoPixelHolds) {
    EXPECT_EQ(pixels({100, -100, 0, 0, 0, 0, 0, 0}), (std::vector<std::uint8_t>{255, 255, 255, 0, 0, 0}));
    EXPECT_EQ(pixels({NAN, 0, 0, 0, 0, 0, 0, 0}), (std::vector<std::uint8_t>{0, 0, 0, 128, 128, 128}));
}

TEST(Preview, HasNoPictureWhereTheColoursAreNotKnown) {
    EXPECT_EQ(colours_of(std::vector<float>(8), {.height = 1, .width = 2}, {}), Picture{});
}

TEST(Preview, IsWantedAfterEveryNthStepByThoseWhoWatch) {
    Callbacks callbacks;
    EXPECT_FALSE(is_previewed(2, callbacks));
    callbacks.preview_every = 2;
    EXPECT_FALSE(is_previewed(2, callbacks));
    callbacks.progress = [](const Progress&) {};
    EXPECT_TRUE(is_previewed(2, callbacks));
    EXPECT_FALSE(is_previewed(3, callbacks));
}

}  // namespace
}  // namespace easel
