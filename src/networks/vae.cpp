#include "networks/vae.h"

#include <utility>

#include <openvino/op/parameter.hpp>

#include "networks/blocks.h"
#include "networks/nn.h"

namespace easel {
namespace {

using nn::Scope;
using nn::Tensor;

constexpr double norm_epsilon = 1e-6;

/// What encoder and decoder are both made of.
class VaeBuilder {
  public:
    VaeBuilder(const Scope& root, const VaeConfig& config) : root_(root), config_(config) {}

    int levels() const { return config_.levels(); }
    int width(int level) const { return config_.block_out_channels.at(static_cast<std::size_t>(level)); }

    Tensor conv_in(Tensor x, int inputs, int outputs) {
        channels_ = outputs;
        return nn::conv2d(x, root_ / "conv_in", inputs, outputs);
    }

    Tensor resnets(Tensor x, const Scope& scope, int count, int outputs) {
        for (int i = 0; i < count; ++i) x = resnet(x, scope / "resnets" / i, outputs);
        return x;
    }

    Tensor resnet(Tensor x, const Scope& scope, int outputs) {
        const int inputs = std::exchange(channels_, outputs);
        return nn::resnet(
            x, std::nullopt, scope,
            {.inputs = inputs, .outputs = outputs, .groups = config_.norm_num_groups, .epsilon = norm_epsilon});
    }

    Tensor middle_block(Tensor x) {
        const Scope scope = root_ / "mid_block";
        x = resnet(x, scope / "resnets" / 0, channels_);
        if (config_.mid_block_add_attention) x = attention(x, scope / "attentions" / 0);
        return resnet(x, scope / "resnets" / 1, channels_);
    }

    /// Every position looks at all others: one head over the whole picture.
    Tensor attention(Tensor x, const Scope& scope) const {
        const Tensor sequence = nn::to_sequence(
            nn::group_norm(x, scope / "group_norm", channels_, config_.norm_num_groups, norm_epsilon), channels_);
        const auto project = [&](Tensor input, const Scope& layer) {
            return nn::linear(input, layer, channels_, channels_);
        };
        const Tensor mixed = nn::attention(project(sequence, scope / "to_q"), project(sequence, scope / "to_k"),
                                           project(sequence, scope / "to_v"), channels_, /*heads=*/1);
        return nn::add(nn::to_picture(project(mixed, scope / "to_out" / 0), x, channels_), x);
    }

    Tensor convolution(Tensor x, const Scope& scope, const nn::Convolution& how = {}) const {
        return nn::conv2d(x, scope, channels_, channels_, how);
    }

    Tensor conv_out(Tensor x, int outputs) const {
        x = nn::silu(nn::group_norm(x, root_ / "conv_norm_out", channels_, config_.norm_num_groups, norm_epsilon));
        return nn::conv2d(x, root_ / "conv_out", channels_, outputs);
    }

  private:
    Scope root_;
    const VaeConfig& config_;
    /// Channels of the tensor being worked on.
    int channels_ = 0;
};

}  // namespace

std::shared_ptr<ov::Model> build_vae_decoder(const Weights& weights, const VaeConfig& config) {
    const Scope scope(weights);
    VaeBuilder decoder(scope / "decoder", config);
    const auto latents = nn::picture_input("latents", config.latent_channels);

    Tensor x = latents;
    if (config.use_post_quant_conv)
        x = nn::conv2d(x, scope / "post_quant_conv", config.latent_channels, config.latent_channels, nn::pointwise);
    x = decoder.conv_in(x, config.latent_channels, config.block_out_channels.back());
    x = decoder.middle_block(x);
    for (int level = decoder.levels() - 1; level >= 0; --level) {
        const Scope block = scope / "decoder" / "up_blocks" / (decoder.levels() - 1 - level);
        x = decoder.resnets(x, block, config.layers_per_block + 1, decoder.width(level));
        if (level > 0) x = decoder.convolution(nn::upsample_twice(x), block / "upsamplers" / 0 / "conv");
    }
    x = decoder.conv_out(x, config.out_channels);
    x.set_names({"sample"});
    return std::make_shared<ov::Model>(ov::OutputVector{x}, ov::ParameterVector{latents}, "vae_decoder");
}

std::shared_ptr<ov::Model> build_vae_encoder(const Weights& weights, const VaeConfig& config) {
    const Scope scope(weights);
    VaeBuilder encoder(scope / "encoder", config);
    const auto picture = nn::picture_input("sample", config.in_channels);
    const nn::Convolution halve{.stride = 2, .padding_before = 0, .padding_after = 1};

    Tensor x = encoder.conv_in(picture, config.in_channels, config.block_out_channels.front());
    for (int level = 0; level < encoder.levels(); ++level) {
        const Scope block = scope / "encoder" / "down_blocks" / level;
        x = encoder.resnets(x, block, config.layers_per_block, encoder.width(level));
        if (level + 1 < encoder.levels()) x = encoder.convolution(x, block / "downsamplers" / 0 / "conv", halve);
    }
    x = encoder.middle_block(x);
    x = encoder.conv_out(x, 2 * config.latent_channels);
    if (config.use_quant_conv)
        x = nn::conv2d(x, scope / "quant_conv", 2 * config.latent_channels, 2 * config.latent_channels, nn::pointwise);
    x.set_names({"moments"});
    return std::make_shared<ov::Model>(ov::OutputVector{x}, ov::ParameterVector{picture}, "vae_encoder");
}

}  // namespace easel
