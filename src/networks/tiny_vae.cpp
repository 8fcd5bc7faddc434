#include "networks/tiny_vae.h"

#include <openvino/op/parameter.hpp>
#include <openvino/op/relu.hpp>
#include <openvino/op/tanh.hpp>

#include "networks/nn.h"

namespace easel {
namespace {

using nn::Scope;
using nn::Tensor;

Tensor relu(Tensor x) { return std::make_shared<ov::op::v0::Relu>(x); }

/// relu(x + three convolutions of it with ReLUs between them).
Tensor residual(Tensor x, const Scope& scope, int width) {
    Tensor h = relu(nn::conv2d(x, scope / "conv" / 0, width, width));
    h = relu(nn::conv2d(h, scope / "conv" / 2, width, width));
    return relu(nn::add(x, nn::conv2d(h, scope / "conv" / 4, width, width)));
}

}  // namespace

std::shared_ptr<ov::Model> build_tiny_vae_decoder(const Weights& weights, const TinyVaeConfig& config) {
    const Scope layers = Scope(weights) / "decoder" / "layers";
    const auto latents = nn::picture_input("latents", config.latent_channels);
    constexpr float bound = 3.0f;
    Tensor x = std::make_shared<ov::op::v0::Tanh>(nn::multiply(latents, nn::constant(1.0f / bound)));
    x = nn::multiply(x, nn::constant(bound));
    x = relu(nn::conv2d(x, layers / 0, config.latent_channels, config.width));
    int layer = 2;  // behind the ReLU
    for (std::size_t stretch = 0; stretch < config.decoder_blocks.size(); ++stretch) {
        for (int block = 0; block < config.decoder_blocks[stretch]; ++block)
            x = residual(x, layers / layer++, config.width);
        if (stretch + 1 == config.decoder_blocks.size()) break;
        x = nn::upsample_twice(x);
        x = nn::conv2d(x, layers / ++layer, config.width, config.width, {.bias = false});
        ++layer;
    }
    x = nn::conv2d(x, layers / layer, config.width, 3);
    // From 0..1.
    x = nn::add(nn::multiply(x, nn::constant(2.0f)), nn::constant(-1.0f));
    x.set_names({"sample"});
    return std::make_shared<ov::Model>(ov::OutputVector{x}, ov::ParameterVector{latents}, "tiny_vae_decoder");
}

std::shared_ptr<ov::Model> build_tiny_vae_encoder(const Weights& weights, const TinyVaeConfig& config) {
    const Scope layers = Scope(weights) / "encoder" / "layers";
    const auto picture = nn::picture_input("sample", 3);
    Tensor x = nn::multiply(nn::add(picture, nn::constant(1.0f)), nn::constant(0.5f));
    x = nn::conv2d(x, layers / 0, 3, config.width);
    int layer = 1;
    for (std::size_t stretch = 0; stretch < config.encoder_blocks.size(); ++stretch) {
        for (int block = 0; block < config.encoder_blocks[stretch]; ++block)
            x = residual(x, layers / layer++, config.width);
        if (stretch + 1 < config.encoder_blocks.size())
            x = nn::conv2d(x, layers / layer++, config.width, config.width, {.stride = 2, .bias = false});
    }
    x = nn::conv2d(x, layers / layer, config.width, config.latent_channels);
    x.set_names({"latents"});
    return std::make_shared<ov::Model>(ov::OutputVector{x}, ov::ParameterVector{picture}, "tiny_vae_encoder");
}

}  // namespace easel
