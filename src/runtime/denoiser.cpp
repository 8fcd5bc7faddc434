#include "runtime/denoiser.h"

#include <algorithm>

#include "base/error.h"

namespace easel {
namespace {

enum Input { sample, timestep_values, encoder_hidden_states, first_residual };

}  // namespace

Denoiser::Denoiser(Runtime& runtime, const UNetSource& source, const UNetKey& key, const std::stop_token& stop)
    : Denoiser(runtime, source, source.graph(key, runtime.form()), stop) {}

Denoiser::Denoiser(Runtime& runtime, const UNetSource& source, const UNetGraph& graph, const std::stop_token& stop)
    : encode_timestep_(graph.encode_timestep),
      network_(runtime.compile(graph.model, source.files, source.precision, stop)) {}

void Denoiser::condition(const Conditioning& conditioning) {
    const std::span<float> text = network_.input(encoder_hidden_states);
    if (conditioning.text.size() != text.size())
        fail("the text has {} numbers ({} x {} x {}), but the UNet takes {}", conditioning.text.size(),
             conditioning.rows, conditioning.tokens, conditioning.width, text.size());
    std::ranges::copy(conditioning.text, text.begin());
}

std::span<float> Denoiser::residual(std::size_t index) { return network_.input(first_residual + index); }

std::span<const float> Denoiser::predict(std::span<const float> latents, double timestep, std::size_t /*step*/,
                                         const std::stop_token& stop) {
    std::ranges::copy(latents, network_.input(sample).begin());
    std::ranges::copy(encode_timestep_(timestep), network_.input(timestep_values).begin());
    return network_.run(stop);
}

}  // namespace easel
