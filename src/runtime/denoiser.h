#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <stop_token>
#include <vector>

#include "runtime/compiled_network.h"
#include "runtime/conditioning.h"
#include "runtime/network_source.h"

namespace easel {

/// The UNet, compiled for one size.
class Denoiser {
  public:
    /// Compiles; throws Cancelled when `stop` is requested meanwhile.
    Denoiser(Runtime& runtime, const UNetSource& source, const UNetKey& key, const std::stop_token& stop = {});

    /// Sets the conditioning of all following predictions. Throws Error unless it has the number of rows that the UNet
    /// was compiled for.
    void condition(const Conditioning& conditioning);

    /// What is added to a skip connection, or last to the middle block, of a UNet that takes residuals:
    /// [rows, channels, h, w]. Zeros at first.
    std::span<float> residual(std::size_t index);

    /// The prediction for each row of the conditioning, [rows, channels, height, width], from latents
    /// [channels, height, width] that the sampler has scaled. `step` counts the predictions of one picture from 0. The
    /// values stay until the next call.
    std::span<const float> predict(std::span<const float> latents, double timestep, std::size_t step,
                                   const std::stop_token& stop);

    /// The precision it is computed in: "f32", "bf16" or "f16".
    const std::string& precision() const { return network_.precision(); }

  private:
    Denoiser(Runtime& runtime, const UNetSource& source, const UNetGraph& graph, const std::stop_token& stop);

    void condition_on_pictures(const Conditioning& conditioning);

    std::function<std::vector<float>(double)> encode_timestep_, encode_guidance_, encode_size_;
    /// What goes behind the timestep's values, and behind the latents.
    std::vector<float> guidance_, more_channels_;
    CompiledNetwork network_;
};

}  // namespace easel
