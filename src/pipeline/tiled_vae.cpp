#include "pipeline/tiled_vae.h"

#include <cstddef>
#include <functional>

#include "pipeline/tiles.h"

namespace easel {
namespace {

/// In latents: a picture of 1280 x 1280 pixels is decoded whole.
constexpr int most_cells_at_once = 160 * 160;
constexpr int most_side = 144, overlap = 24;

/// The side of the fewest equal tiles that are not too large.
int tile_side(int length) {
    if (length <= most_side) return length;
    const int count = (length - overlap + most_side - overlap - 1) / (most_side - overlap);
    return (length + (count - 1) * overlap + count - 1) / count;
}

/// A ramp that begins and ends flat, as what the network makes of a tile's outermost pixels is far from the whole's.
std::vector<float> smooth_ramp(int length, bool has_before, bool has_behind, int shared) {
    std::vector<float> weights = ramp(length, has_before, has_behind, shared);
    for (float& weight : weights) weight *= weight * (3.0F - 2.0F * weight);
    return weights;
}

/// Channels of pictures or of latents, with so many values a side for each latent.
struct Planes {
    std::size_t channels = 0;
    int per_latent = 1;
    std::size_t size(const LatentSize& latents) const {
        return channels * at(latents.height * per_latent) * at(latents.width * per_latent);
    }
};

using Run = std::function<std::span<const float>(std::span<const float> tile)>;

std::vector<float> in_tiles(std::span<const float> input, const Planes& from, const Planes& to, const LatentSize& size,
                            const LatentSize& tile, const Run& run) {
    const auto width_in = at(size.width * from.per_latent), height_in = at(size.height * from.per_latent);
    const auto width_out = at(size.width * to.per_latent), height_out = at(size.height * to.per_latent);
    const auto tile_width_in = at(tile.width * from.per_latent), tile_height_in = at(tile.height * from.per_latent);
    const auto tile_width_out = at(tile.width * to.per_latent), tile_height_out = at(tile.height * to.per_latent);
    std::vector<float> sums(to.size(size)), weights(height_out * width_out), part(from.size(tile));
    for (const int top : tile_starts(size.height, {.side = tile.height, .overlap = overlap}))
        for (const int left : tile_starts(size.width, {.side = tile.width, .overlap = overlap})) {
            for (std::size_t channel = 0; channel < from.channels; ++channel)
                for (std::size_t y = 0; y < tile_height_in; ++y) {
                    const std::size_t row = channel * height_in + at(top * from.per_latent) + y;
                    const auto begin =
                        input.begin() + static_cast<std::ptrdiff_t>(row * width_in + at(left * from.per_latent));
                    std::copy_n(
                        begin, tile_width_in,
                        part.begin() + static_cast<std::ptrdiff_t>((channel * tile_height_in + y) * tile_width_in));
                }
            const std::span<const float> values = run(part);
            const int shared = overlap * to.per_latent;
            const auto down =
                smooth_ramp(tile.height * to.per_latent, top > 0, top + tile.height < size.height, shared);
            const auto across =
                smooth_ramp(tile.width * to.per_latent, left > 0, left + tile.width < size.width, shared);
            for (std::size_t y = 0; y < tile_height_out; ++y)
                for (std::size_t x = 0; x < tile_width_out; ++x) {
                    const std::size_t row = at(top * to.per_latent) + y, column = at(left * to.per_latent) + x;
                    const float weight = down[y] * across[x];
                    weights[row * width_out + column] += weight;
                    for (std::size_t channel = 0; channel < to.channels; ++channel)
                        sums[(channel * height_out + row) * width_out + column] +=
                            weight * values[(channel * tile_height_out + y) * tile_width_out + x];
                }
        }
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] /= weights[i % weights.size()];
    return sums;
}

}  // namespace

LatentSize vae_tile(const LatentSize& latents, bool has_fixed_size) {
    if (has_fixed_size || latents.height * latents.width <= most_cells_at_once) return latents;
    return {.height = tile_side(latents.height), .width = tile_side(latents.width)};
}

std::vector<float> decode_tiles(std::span<const float> latents, const LatentSize& size, const LatentSize& tile,
                                const LatentSpace& space, VaeDecoder& decoder, const std::stop_token& stop) {
    return in_tiles(latents, {.channels = at(space.channels)}, {.channels = colours, .per_latent = space.downsampling},
                    size, tile, [&](std::span<const float> part) { return decoder.decode(part, stop); });
}

std::vector<float> encode_tiles(std::span<const float> picture, const LatentSize& size, const LatentSize& tile,
                                const LatentSpace& space, VaeEncoder& encoder, const std::stop_token& stop) {
    const std::size_t given = at(space.channels) * (space.encoder_gives_latents ? 1 : 2);
    return in_tiles(picture, {.channels = colours, .per_latent = space.downsampling}, {.channels = given}, size, tile,
                    [&](std::span<const float> part) { return encoder.encode(part, stop); });
}

}  // namespace easel
