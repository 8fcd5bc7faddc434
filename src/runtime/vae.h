#pragma once

#include <span>
#include <stop_token>
#include <vector>

#include "runtime/compiled_network.h"

namespace easel {

/// The VAE's decoder, compiled for one size.
class VaeDecoder {
  public:
    /// `height` and `width` of the latents.
    VaeDecoder(Runtime& runtime, const Checkpoint& checkpoint, int height, int width);

    /// Latents [channels, height, width], already divided by the scaling factor, to [3, factor height, factor width] in
    /// about -1..1. The values stay until the next call.
    std::span<const float> decode(std::span<const float> latents, std::stop_token stop);

    int height() const { return height_; }
    int width() const { return width_; }

  private:
    int height_, width_;
    CompiledNetwork network_;
};

/// The VAE's encoder, compiled for one size.
class VaeEncoder {
  public:
    /// `height` and `width` of the picture.
    VaeEncoder(Runtime& runtime, const Checkpoint& checkpoint, int height, int width);

    /// A picture [3, height, width] in -1..1 to moments [2 channels, height / factor, width / factor]: means, then
    /// logarithms of variances. The values stay until the next call.
    std::span<const float> encode(std::span<const float> picture, std::stop_token stop);

    int height() const { return height_; }
    int width() const { return width_; }

  private:
    int height_, width_;
    CompiledNetwork network_;
};

}  // namespace easel
