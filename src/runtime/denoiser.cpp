#include "runtime/denoiser.h"

#include <algorithm>

#include "networks/unet.h"

namespace easel {
namespace {

enum Input { sample, sinusoid, encoder_hidden_states };

std::shared_ptr<ov::Model> of_size(const Checkpoint& checkpoint, const Denoiser::Size& size) {
    const auto& [config, weights] = checkpoint.unet;
    auto model = build_unet(weights, config);
    const int tokens = checkpoint.text_encoder.config.max_position_embeddings;
    model->reshape({{model->input(sample), {1, config.in_channels, size.height, size.width}},
                    {model->input(encoder_hidden_states), {size.rows, tokens, config.cross_attention_dim}}});
    return model;
}

}  // namespace

Denoiser::Denoiser(Runtime& runtime, const Checkpoint& checkpoint, const Size& size)
    : size_(size), config_(checkpoint.unet.config), network_(runtime.compile(of_size(checkpoint, size), checkpoint)) {}

void Denoiser::set_text(std::span<const float> embedding) {
    std::ranges::copy(embedding, network_.input(encoder_hidden_states).begin());
}

std::span<const float> Denoiser::predict(std::span<const float> latents, double timestep, std::stop_token stop) {
    std::ranges::copy(latents, network_.input(sample).begin());
    std::ranges::copy(
        timestep_sinusoid(timestep, config_.block_out_channels.front(), config_.flip_sin_to_cos, config_.freq_shift),
        network_.input(sinusoid).begin());
    return network_.run(stop);
}

}  // namespace easel
