#include "runtime/vae.h"

#include <algorithm>

namespace easel {
namespace {

std::span<const float> run(CompiledNetwork& network, std::span<const float> values, const std::stop_token& stop) {
    std::ranges::copy(values, network.input(0).begin());
    return network.run(stop);
}

}  // namespace

VaeDecoder::VaeDecoder(Runtime& runtime, const VaeSource& source, const LatentSize& size, const std::stop_token& stop)
    : network_(runtime.compile(source.graph(size), source.files, source.precision, stop)) {}

std::span<const float> VaeDecoder::decode(std::span<const float> latents, const std::stop_token& stop) {
    return run(network_, latents, stop);
}

VaeEncoder::VaeEncoder(Runtime& runtime, const VaeSource& source, const LatentSize& size, const std::stop_token& stop)
    : network_(runtime.compile(source.graph(size), source.files, source.precision, stop)) {}

std::span<const float> VaeEncoder::encode(std::span<const float> picture, const std::stop_token& stop) {
    return run(network_, picture, stop);
}

}  // namespace easel
