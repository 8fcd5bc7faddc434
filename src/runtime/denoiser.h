#pragma once

#include <functional>
#include <span>
#include <stop_token>
#include <vector>

#include "runtime/compiled_network.h"
#include "runtime/network_source.h"

namespace easel {

/// The UNet, compiled for one size.
class Denoiser {
  public:
    struct Size {
        LatentSize latents;
        /// Rows of text: 2 with guidance, 1 without.
        int rows = 1;
        bool operator==(const Size&) const = default;
    };

    Denoiser(Runtime& runtime, const NetworkSource& source, const Size& size);

    /// What the text that all following predictions are for is: [rows, tokens, cross_attention_dim].
    void set_text(std::span<const float> embedding);

    /// The prediction for each row of text, [rows, channels, height, width], from latents [channels, height, width]
    /// that the sampler has scaled. The values stay until the next call.
    std::span<const float> predict(std::span<const float> latents, double timestep, std::stop_token stop);

    const Size& size() const { return size_; }

  private:
    Denoiser(Runtime& runtime, const NetworkSource& source, const Size& size, const NetworkSource::UNet& unet);

    Size size_;
    std::function<std::vector<float>(double)> encode_timestep_;
    CompiledNetwork network_;
};

}  // namespace easel
