#pragma once

#include <span>
#include <stop_token>
#include <vector>

#include "runtime/network_source.h"
#include "runtime/vae.h"

namespace easel {

/// What the VAE is given at once: all latents, or a tile of those of a large picture, whose activations would take many
/// gigabytes. Tiles overlap, and are blended there. `has_fixed_size`: whether the networks take one size only.
LatentSize vae_tile(const LatentSize& latents, bool has_fixed_size);

/// Latents [channels, height, width], unscaled_latents(), to the values of a picture [3, f height, f width], by a
/// decoder compiled for `tile`. Throws Cancelled.
std::vector<float> decode_tiles(std::span<const float> latents, const LatentSize& size, const LatentSize& tile,
                                const LatentSpace& space, VaeDecoder& decoder, const std::stop_token& stop);

/// The values of a picture [3, f height, f width] to what the encoder gives, [channels or twice as many, height,
/// width], by an encoder compiled for `tile`. Throws Cancelled.
std::vector<float> encode_tiles(std::span<const float> picture, const LatentSize& size, const LatentSize& tile,
                                const LatentSpace& space, VaeEncoder& encoder, const std::stop_token& stop);

}  // namespace easel
