#include "runtime/vae.h"

#include <algorithm>

namespace easel {
namespace {

std::span<const float> run(CompiledNetwork& network, std::span<const float> values, std::stop_token stop) {
    std::ranges::copy(values, network.input(0).begin());
    return network.run(stop);
}

}  // namespace

VaeDecoder::VaeDecoder(Runtime& runtime, const NetworkSource& source, const LatentSize& size)
    : size_(size), network_(runtime.compile(source.vae_decoder(size), source.files())) {}

std::span<const float> VaeDecoder::decode(std::span<const float> latents, std::stop_token stop) {
    return run(network_, latents, stop);
}

VaeEncoder::VaeEncoder(Runtime& runtime, const NetworkSource& source, const LatentSize& size)
    : size_(size), network_(runtime.compile(source.vae_encoder(size), source.files())) {}

std::span<const float> VaeEncoder::encode(std::span<const float> picture, std::stop_token stop) {
    return run(network_, picture, stop);
}

}  // namespace easel
