#include "runtime/vae.h"

#include <algorithm>

#include "networks/vae.h"

namespace easel {
namespace {

std::shared_ptr<ov::Model> decoder_of_size(const Checkpoint& checkpoint, int height, int width) {
    const auto& [config, weights] = checkpoint.vae;
    auto model = build_vae_decoder(weights, config);
    model->reshape(ov::PartialShape{1, config.latent_channels, height, width});
    return model;
}

std::shared_ptr<ov::Model> encoder_of_size(const Checkpoint& checkpoint, int height, int width) {
    const auto& [config, weights] = checkpoint.vae;
    auto model = build_vae_encoder(weights, config);
    model->reshape(ov::PartialShape{1, config.in_channels, height, width});
    return model;
}

std::span<const float> run(CompiledNetwork& network, std::span<const float> values, std::stop_token stop) {
    std::ranges::copy(values, network.input(0).begin());
    return network.run(stop);
}

}  // namespace

VaeDecoder::VaeDecoder(Runtime& runtime, const Checkpoint& checkpoint, int height, int width)
    : height_(height),
      width_(width),
      network_(runtime.compile(decoder_of_size(checkpoint, height, width), checkpoint)) {}

std::span<const float> VaeDecoder::decode(std::span<const float> latents, std::stop_token stop) {
    return run(network_, latents, stop);
}

VaeEncoder::VaeEncoder(Runtime& runtime, const Checkpoint& checkpoint, int height, int width)
    : height_(height),
      width_(width),
      network_(runtime.compile(encoder_of_size(checkpoint, height, width), checkpoint)) {}

std::span<const float> VaeEncoder::encode(std::span<const float> picture, std::stop_token stop) {
    return run(network_, picture, stop);
}

}  // namespace easel
