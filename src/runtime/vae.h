#pragma once

#include <span>
#include <stop_token>

#include "runtime/compiled_network.h"
#include "runtime/network_source.h"

namespace easel {

/// The VAE's decoder, compiled for one size.
class VaeDecoder {
  public:
    /// Compiles; throws Cancelled when `stop` is requested meanwhile.
    VaeDecoder(Runtime& runtime, const VaeSource& source, const LatentSize& size, const std::stop_token& stop = {});

    /// Latents [channels, height, width], already divided by the scaling factor unless LatentSpace::decoder_unscales,
    /// to [3, f height, f width] in about -1..1. The values stay until the next call.
    std::span<const float> decode(std::span<const float> latents, const std::stop_token& stop);

  private:
    CompiledNetwork network_;
};

/// The VAE's encoder, compiled for one size.
class VaeEncoder {
  public:
    /// Compiles; throws Cancelled when `stop` is requested meanwhile.
    VaeEncoder(Runtime& runtime, const VaeSource& source, const LatentSize& size, const std::stop_token& stop = {});

    /// A picture [3, f height, f width] in -1..1 to moments [2 channels, height, width]: means, then logarithms
    /// of variances. The values stay until the next call.
    std::span<const float> encode(std::span<const float> picture, const std::stop_token& stop);

  private:
    CompiledNetwork network_;
};

}  // namespace easel
