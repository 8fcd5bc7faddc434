#pragma once

#include <span>
#include <stop_token>

#include "runtime/compiled_network.h"
#include "runtime/network_source.h"

namespace easel {

/// The VAE's decoder, compiled for one size.
class VaeDecoder {
  public:
    VaeDecoder(Runtime& runtime, const NetworkSource& source, const LatentSize& size);

    /// Latents [channels, height, width], already divided by the scaling factor unless ModelFacts::decoder_unscales, to
    /// [3, scale height, scale width] in about -1..1. The values stay until the next call.
    std::span<const float> decode(std::span<const float> latents, std::stop_token stop);

    const LatentSize& size() const { return size_; }

  private:
    LatentSize size_;
    CompiledNetwork network_;
};

/// The VAE's encoder, compiled for one size.
class VaeEncoder {
  public:
    VaeEncoder(Runtime& runtime, const NetworkSource& source, const LatentSize& size);

    /// A picture [3, scale height, scale width] in -1..1 to moments [2 channels, height, width]: means, then logarithms
    /// of variances. The values stay until the next call.
    std::span<const float> encode(std::span<const float> picture, std::stop_token stop);

    const LatentSize& size() const { return size_; }

  private:
    LatentSize size_;
    CompiledNetwork network_;
};

}  // namespace easel
