// Large pictures are decoded and encoded in tiles.
#include "pipeline/tiled_vae.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "pipeline/cases.h"
#include "pipeline/latents.h"
#include "pipeline/open_networks.h"

namespace easel {
namespace {

TEST(VaeTiles, AreTheWholePictureUpTo1280Pixels) {
    EXPECT_EQ(vae_tile({160, 160}, false), (LatentSize{160, 160}));
    EXPECT_EQ(vae_tile({64, 256}, false), (LatentSize{64, 256}));
    EXPECT_EQ(vae_tile({512, 512}, true), (LatentSize{512, 512})) << "of networks with one size";
}

TEST(VaeTiles, OfLargerOnesAreEqualAndCoverIt) {
    for (const int side : {161, 192, 256, 264, 265, 384, 512}) {
        const LatentSize tile = vae_tile({side, 200}, false);
        EXPECT_LE(tile.height, 144) << side;
        EXPECT_GE(tile.height, 84) << side;
    }
}

/// A sky: colours that change slowly from the top to the bottom and a little to the side.
Picture sky(int side) {
    Picture picture{.width = side, .height = side, .pixels = {}};
    for (int y = 0; y < side; ++y)
        for (int x = 0; x < side; ++x)
            for (const int colour : {90 + 120 * y / side, 140 + 80 * y / side, 250 - 20 * x / side})
                picture.pixels.push_back(static_cast<std::uint8_t>(colour));
    return picture;
}

class TiledVae : public ::testing::Test {
  protected:
    Runtime runtime{{.precision = "f32"}};
    ModelNetworks networks = open_networks("../models/emoji");
    const LatentSpace& space = networks.facts.latents;

    /// The mean of what the encoder gives.
    std::vector<float> latents_of(const Picture& picture, const LatentSize& size) {
        VaeEncoder encoder(runtime, networks.vae_encoder, size);
        const auto moments = encoder.encode(to_network(picture), {});
        return {moments.begin(), moments.begin() + static_cast<std::ptrdiff_t>(moments.size() / 2)};
    }
};

// Across the borders of tiles the step between neighbours is that of the picture that is decoded whole, but for a level
// of 255.
TEST_F(TiledVae, LeavesNoSeams) {
    const LatentSize size{60, 60}, tile{42, 42};
    const std::vector<float> latents = latents_of(sky(size.width * space.downsampling), size);
    VaeDecoder in_parts(runtime, networks.vae_decoder, tile), whole(runtime, networks.vae_decoder, size);
    const std::vector<float> tiled = decode_tiles(latents, size, tile, space, in_parts, {});
    const std::span<const float> expected = whole.decode(latents, {});
    ASSERT_EQ(tiled.size(), expected.size());
    const auto side = static_cast<std::size_t>(size.width * space.downsampling);
    float most = 0.0F;
    const auto compare = [&](std::size_t from, std::size_t to) {
        most = std::max(most, std::abs((tiled[to] - tiled[from]) - (expected[to] - expected[from])) * 127.5F);
    };
    for (const int cells : {size.width - tile.width, tile.width}) {
        const auto border = static_cast<std::size_t>(cells * space.downsampling);
        for (std::size_t colour = 0; colour < 3; ++colour)
            for (std::size_t i = 0; i < side; ++i) {
                const std::size_t plane = colour * side * side;
                compare(plane + i * side + border - 1, plane + i * side + border);
                compare(plane + (border - 1) * side + i, plane + border * side + i);
            }
    }
    EXPECT_LE(most, 1.0F);
}

TEST_F(TiledVae, OfOneTileIsThePlainOne) {
    const LatentSize size{9, 7};
    VaeDecoder decoder(runtime, networks.vae_decoder, size);
    const std::vector<float> latents(static_cast<std::size_t>(space.channels * 9 * 7), 0.5F);
    const std::vector<float> tiled = decode_tiles(latents, size, size, space, decoder, {});
    EXPECT_TRUE(std::ranges::equal(tiled, decoder.decode(latents, {})));
    VaeEncoder encoder(runtime, networks.vae_encoder, size);
    const std::vector<float> encoded = encode_tiles(tiled, size, size, space, encoder, {});
    EXPECT_TRUE(std::ranges::equal(encoded, encoder.encode(tiled, {})));
}

}  // namespace
}  // namespace easel
