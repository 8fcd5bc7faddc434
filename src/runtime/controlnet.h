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

/// A ControlNet, compiled for one size.
class ControlNet {
  public:
    /// Compiles; throws Cancelled when `stop` is requested meanwhile.
    ControlNet(Runtime& runtime, const ControlNetNetworks& source, const ControlNetKey& key,
               const std::stop_token& stop = {});

    /// Sets the picture of all following predictions, [3, f height, f width] in 0..1, red first. Costs nothing if it is
    /// the last one.
    void follow(std::vector<float> picture, const std::stop_token& stop);

    /// Sets the text of all following predictions, and what is added to it: the last rows of the conditioning, as many
    /// as it was compiled for. Throws Error if they have another size.
    void condition(const Conditioning& conditioning);

    /// Computes the residuals for latents [channels, height, width] that the sampler has scaled.
    void predict(std::span<const float> latents, double timestep, const std::stop_token& stop);

    /// Rows of text that it was compiled for.
    std::size_t rows() const { return rows_; }
    std::size_t residual_count() const { return network_.output_count(); }
    /// What predict() gave for a skip connection, or last for the middle block: [rows, channels, h, w], or one row that
    /// stands for all. The values stay until the next call.
    std::span<const float> residual(std::size_t index) { return network_.output(index); }

  private:
    ControlNet(Runtime& runtime, const ControlNetNetworks& source, const ControlNetKey& key, const UNetGraph& graph,
               const std::stop_token& stop);

    bool is_bgr_;
    std::size_t rows_;
    std::function<std::vector<float>(double)> encode_timestep_, encode_size_;
    CompiledNetwork embedding_, network_;
    /// What was followed last.
    std::vector<float> picture_;
};

}  // namespace easel
