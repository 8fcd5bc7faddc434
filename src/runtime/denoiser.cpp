#include "runtime/denoiser.h"

#include <algorithm>

namespace easel {
namespace {

enum Input { sample, timestep_values, encoder_hidden_states };

}  // namespace

Denoiser::Denoiser(Runtime& runtime, const NetworkSource& source, const Size& size)
    : Denoiser(runtime, source, size, source.unet(size.latents, size.rows, runtime.form())) {}

Denoiser::Denoiser(Runtime& runtime, const NetworkSource& source, const Size& size, const NetworkSource::UNet& unet)
    : size_(size), encode_timestep_(unet.encode_timestep), network_(runtime.compile(unet.model, source.files())) {}

void Denoiser::set_text(std::span<const float> embedding) {
    std::ranges::copy(embedding, network_.input(encoder_hidden_states).begin());
}

std::span<const float> Denoiser::predict(std::span<const float> latents, double timestep, std::stop_token stop) {
    std::ranges::copy(latents, network_.input(sample).begin());
    std::ranges::copy(encode_timestep_(timestep), network_.input(timestep_values).begin());
    return network_.run(stop);
}

}  // namespace easel
