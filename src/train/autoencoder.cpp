#include "train/autoencoder.h"

namespace easel::train {
namespace {

constexpr double norm_epsilon = 1e-6;

/// Every position looks at all others: one head over the whole picture.
struct PictureAttentionImpl : torch::nn::Module {
    PictureAttentionImpl(int channels, int groups)
        : group_norm(register_module("group_norm", train::group_norm(channels, groups, norm_epsilon))),
          to_q(register_module("to_q", linear(channels, channels))),
          to_k(register_module("to_k", linear(channels, channels))),
          to_v(register_module("to_v", linear(channels, channels))),
          to_out(register_module("to_out", List<Linear>())) {
        to_out->add(linear(channels, channels));
    }

    Tensor forward(const Tensor& x) {
        const Tensor sequence = to_sequence(group_norm(x));
        const Tensor mixed = attention(to_q(sequence), to_k(sequence), to_v(sequence), /*heads=*/1);
        return x + to_picture((*to_out)[0](mixed), x);
    }

    torch::nn::GroupNorm group_norm;
    Linear to_q, to_k, to_v;
    List<Linear> to_out;
};
TORCH_MODULE(PictureAttention);

/// A level of the encoder or the decoder, or the block between.
struct BlockImpl : torch::nn::Module {
    BlockImpl() : resnets(register_module("resnets", List<Resnet>())) {}

    List<Resnet> resnets;
    List<PictureAttention> attentions{nullptr};
    List<Downsample> downsamplers{nullptr};
    List<Upsample> upsamplers{nullptr};
};
TORCH_MODULE(Block);

}  // namespace

/// What encoder and decoder are both made of, in different order.
class AutoencoderImpl::Coder : public torch::nn::Module {
  public:
    Coder(const VaeConfig& config, int inputs) : config_(config), channels_(inputs) {}

    void add_conv_in(int outputs) {
        conv_in_ = register_module("conv_in", convolution(std::exchange(channels_, outputs), outputs));
    }
    /// Levels in the order in which a picture goes through them.
    void add_levels(const char* name, const std::vector<int>& widths, int layers, bool halves) {
        levels_ = register_module(name, List<Block>());
        for (std::size_t i = 0; i < widths.size(); ++i) {
            Block block;
            for (int layer = 0; layer < layers; ++layer) block->resnets->add(resnet(widths[i]));
            const bool last = i + 1 == widths.size();
            if (!last && halves) {
                block->downsamplers = block->register_module("downsamplers", List<Downsample>());
                block->downsamplers->add(Downsample(channels_, DownsampleImpl::Padding::right_and_below));
            } else if (!last) {
                block->upsamplers = block->register_module("upsamplers", List<Upsample>());
                block->upsamplers->add(Upsample(channels_));
            }
            levels_->add(block);
        }
    }
    void add_middle() {
        mid_block_ = register_module("mid_block", Block());
        mid_block_->resnets->add(resnet(channels_));
        mid_block_->resnets->add(resnet(channels_));
        if (!config_.mid_block_add_attention) return;
        mid_block_->attentions = mid_block_->register_module("attentions", List<PictureAttention>());
        mid_block_->attentions->add(PictureAttention(channels_, config_.norm_num_groups));
    }
    void add_conv_out(int outputs) {
        conv_norm_out_ = register_module("conv_norm_out", group_norm(channels_, config_.norm_num_groups, norm_epsilon));
        conv_out_ = register_module("conv_out", convolution(channels_, outputs));
    }

    Tensor conv_in(const Tensor& x) { return conv_in_(x); }
    Tensor levels(Tensor x) {
        for (Block& block : *levels_) {
            for (Resnet& resnet : *block->resnets) x = resnet(x);
            if (block->downsamplers) x = (*block->downsamplers)[0](x);
            if (block->upsamplers) x = (*block->upsamplers)[0](x, 2 * x.size(2), 2 * x.size(3));
        }
        return x;
    }
    Tensor middle(Tensor x) {
        x = (*mid_block_->resnets)[0](x);
        if (mid_block_->attentions) x = (*mid_block_->attentions)[0](x);
        return (*mid_block_->resnets)[1](x);
    }
    Tensor conv_out(const Tensor& x) { return conv_out_(torch::silu(conv_norm_out_(x))); }

  private:
    Resnet resnet(int outputs) {
        return Resnet(std::exchange(channels_, outputs), outputs, config_.norm_num_groups, norm_epsilon);
    }

    VaeConfig config_;
    /// Channels of what was added last.
    int channels_;
    Conv2d conv_in_{nullptr}, conv_out_{nullptr};
    torch::nn::GroupNorm conv_norm_out_{nullptr};
    List<Block> levels_{nullptr};
    Block mid_block_{nullptr};
};

AutoencoderImpl::AutoencoderImpl(const VaeConfig& config) {
    const std::vector<int>& widths = config.block_out_channels;
    encoder_ = register_module("encoder", std::make_shared<Coder>(config, config.in_channels));
    encoder_->add_conv_in(widths.front());
    encoder_->add_levels("down_blocks", widths, config.layers_per_block, /*halves=*/true);
    encoder_->add_middle();
    encoder_->add_conv_out(2 * config.latent_channels);

    decoder_ = register_module("decoder", std::make_shared<Coder>(config, config.latent_channels));
    decoder_->add_conv_in(widths.back());
    decoder_->add_middle();
    decoder_->add_levels("up_blocks", {widths.rbegin(), widths.rend()}, config.layers_per_block + 1, /*halves=*/false);
    decoder_->add_conv_out(config.out_channels);

    if (config.use_quant_conv)
        quant_conv_ =
            register_module("quant_conv", convolution(2 * config.latent_channels, 2 * config.latent_channels, 1));
    if (config.use_post_quant_conv)
        post_quant_conv_ =
            register_module("post_quant_conv", convolution(config.latent_channels, config.latent_channels, 1));
}

Moments AutoencoderImpl::encode(const Tensor& pictures) {
    Tensor x = encoder_->conv_out(encoder_->middle(encoder_->levels(encoder_->conv_in(pictures))));
    if (quant_conv_) x = quant_conv_(x);
    const auto halves = x.chunk(2, 1);
    return {.mean = halves[0], .log_variance = halves[1].clamp(-30, 20)};
}

Tensor AutoencoderImpl::decode(const Tensor& latents) {
    const Tensor x = post_quant_conv_ ? post_quant_conv_(latents) : latents;
    return decoder_->conv_out(decoder_->levels(decoder_->middle(decoder_->conv_in(x))));
}

}  // namespace easel::train
