#include "train/unet.h"

#include <cmath>

namespace easel::train {
namespace {

constexpr double transformer_norm_epsilon = 1e-6;
constexpr double layer_norm_epsilon = 1e-5;

/// Of pictures among themselves, or of a picture to the text.
struct AttentionImpl : torch::nn::Module {
    AttentionImpl(int width, int head_count, int context_width)
        : heads(head_count),
          to_q(register_module("to_q", linear(width, width, /*bias=*/false))),
          to_k(register_module("to_k", linear(context_width, width, /*bias=*/false))),
          to_v(register_module("to_v", linear(context_width, width, /*bias=*/false))),
          to_out(register_module("to_out", List<Linear>())) {
        to_out->add(linear(width, width));
    }

    Tensor forward(const Tensor& x, const Tensor& context) {
        return (*to_out)[0](attention(to_q(x), to_k(context), to_v(context), heads));
    }

    int heads;
    Linear to_q, to_k, to_v;
    List<Linear> to_out;
};
TORCH_MODULE(Attention);

/// GEGLU (Shazeer 2020): one half of a wide layer gates the other.
struct FeedForwardImpl : torch::nn::Module {
    explicit FeedForwardImpl(int width) : proj(linear(width, 2 * 4 * width)), out(linear(4 * width, width)) {
        // diffusers' `net` is a list of the gated layer, a dropout without weights, and the way out.
        const auto net = register_module("net", std::make_shared<torch::nn::Module>());
        net->register_module("0", std::make_shared<torch::nn::Module>())->register_module("proj", proj);
        net->register_module("2", out);
    }

    Tensor forward(const Tensor& x) {
        const auto halves = proj(x).chunk(2, -1);
        return out(halves[0] * torch::gelu(halves[1]));
    }

    Linear proj, out;
};
TORCH_MODULE(FeedForward);

struct TransformerLayerImpl : torch::nn::Module {
    TransformerLayerImpl(int width, int heads, int text_width)
        : norm1(register_module("norm1", layer_norm(width, layer_norm_epsilon))),
          norm2(register_module("norm2", layer_norm(width, layer_norm_epsilon))),
          norm3(register_module("norm3", layer_norm(width, layer_norm_epsilon))),
          attn1(register_module("attn1", Attention(width, heads, width))),
          attn2(register_module("attn2", Attention(width, heads, text_width))),
          ff(register_module("ff", FeedForward(width))) {}

    Tensor forward(Tensor x, const Tensor& text) {
        const Tensor normalized = norm1(x);
        x = x + attn1(normalized, normalized);
        x = x + attn2(norm2(x), text);
        return x + ff(norm3(x));
    }

    torch::nn::LayerNorm norm1, norm2, norm3;
    Attention attn1, attn2;
    FeedForward ff;
};
TORCH_MODULE(TransformerLayer);

/// What brings the text into the picture. `proj_in` and `proj_out` work on each position alone: as 1x1 convolutions, or
/// as linear layers with the same numbers.
struct TransformerImpl : torch::nn::Module {
    TransformerImpl(const UNetConfig& config, const UNetLevel& level)
        : norm(register_module("norm", group_norm(level.width, config.norm_num_groups, transformer_norm_epsilon))),
          transformer_blocks(register_module("transformer_blocks", List<TransformerLayer>())) {
        if (config.use_linear_projection) {
            linear_in = register_module("proj_in", linear(level.width, level.width));
            linear_out = register_module("proj_out", linear(level.width, level.width));
        } else {
            convolution_in = register_module("proj_in", convolution(level.width, level.width, /*kernel=*/1));
            convolution_out = register_module("proj_out", convolution(level.width, level.width, /*kernel=*/1));
        }
        for (int i = 0; i < level.transformer_layers; ++i)
            transformer_blocks->add(TransformerLayer(level.width, level.heads, config.cross_attention_dim));
    }

    Tensor forward(const Tensor& x, const Tensor& text) {
        Tensor h = norm(x);
        h = linear_in ? linear_in(to_sequence(h)) : to_sequence(convolution_in(h));
        for (TransformerLayer& layer : *transformer_blocks) h = layer(h, text);
        return x + (linear_out ? to_picture(linear_out(h), x) : convolution_out(to_picture(h, x)));
    }

    torch::nn::GroupNorm norm;
    Linear linear_in{nullptr}, linear_out{nullptr};
    Conv2d convolution_in{nullptr}, convolution_out{nullptr};
    List<TransformerLayer> transformer_blocks;
};
TORCH_MODULE(Transformer);

}  // namespace

struct UNetBlock : torch::nn::Module {
    void add_resnet(int inputs, int outputs, const UNetConfig& config) {
        if (!resnets) resnets = register_module("resnets", List<Resnet>());
        const int time_width = 4 * config.levels.front().width;
        resnets->add(Resnet(inputs, outputs, config.norm_num_groups, config.norm_eps, time_width));
    }
    void add_transformer(const UNetConfig& config, const UNetLevel& level) {
        if (!attentions) attentions = register_module("attentions", List<Transformer>());
        attentions->add(Transformer(config, level));
    }
    void add_downsampler(int channels) {
        downsamplers = register_module("downsamplers", List<Downsample>());
        downsamplers->add(Downsample(channels, DownsampleImpl::Padding::all_sides));
    }
    void add_upsampler(int channels) {
        upsamplers = register_module("upsamplers", List<Upsample>());
        upsamplers->add(Upsample(channels));
    }

    List<Resnet> resnets{nullptr};
    List<Transformer> attentions{nullptr};
    List<Downsample> downsamplers{nullptr};
    List<Upsample> upsamplers{nullptr};
};

UNetImpl::UNetImpl(const UNetConfig& config) : config_(config) {
    const int first = config.levels.front().width, last = config.level_count() - 1;
    conv_in_ = register_module("conv_in", convolution(config.in_channels, first));
    const auto time_embedding = register_module("time_embedding", std::make_shared<torch::nn::Module>());
    time_linear_1_ = time_embedding->register_module("linear_1", linear(first, 4 * first));
    time_linear_2_ = time_embedding->register_module("linear_2", linear(4 * first, 4 * first));

    List<torch::nn::ModuleHolder<UNetBlock>> down, up;
    std::vector<int> skips = {first};
    int channels = first;
    for (int i = 0; i <= last; ++i) {
        const UNetLevel& level = config.level(i);
        const auto block = down_blocks_.emplace_back(std::make_shared<UNetBlock>());
        for (int layer = 0; layer < level.layers; ++layer) {
            block->add_resnet(std::exchange(channels, level.width), level.width, config);
            if (level.cross_attention_down) block->add_transformer(config, level);
            skips.push_back(channels);
        }
        if (i < last) {
            block->add_downsampler(channels);
            skips.push_back(channels);
        }
        down->add(block);
    }
    register_module("down_blocks", down);

    if (config.mid_block != MidBlock::none) {
        mid_block_ = register_module("mid_block", std::make_shared<UNetBlock>());
        mid_block_->add_resnet(channels, channels, config);
        if (config.mid_block == MidBlock::cross_attention) {
            mid_block_->add_transformer(config, config.level(last));
            mid_block_->add_resnet(channels, channels, config);
        }
    }

    for (int i = last; i >= 0; --i) {
        const UNetLevel& level = config.level(i);
        const auto block = up_blocks_.emplace_back(std::make_shared<UNetBlock>());
        for (int layer = 0; layer <= level.layers; ++layer) {
            block->add_resnet(std::exchange(channels, level.width) + skips.back(), level.width, config);
            skips.pop_back();
            if (level.cross_attention_up) block->add_transformer(config, level);
        }
        if (i > 0) block->add_upsampler(channels);
        up->add(block);
    }
    register_module("up_blocks", up);

    conv_norm_out_ = register_module("conv_norm_out", group_norm(first, config.norm_num_groups, config.norm_eps));
    conv_out_ = register_module("conv_out", convolution(first, config.out_channels));
}

Tensor UNetImpl::embed_time(const Tensor& timesteps) {
    const Tensor hidden = torch::silu(time_linear_1_(timestep_sinusoids(timesteps, config_)));
    return torch::silu(time_linear_2_(hidden));
}

Tensor UNetImpl::forward(Tensor x, const Tensor& timesteps, const Tensor& text) {
    const Tensor time = embed_time(timesteps);
    x = conv_in_(x);

    std::vector<Tensor> skips = {x};
    for (const auto& block : down_blocks_) {
        for (std::size_t i = 0; i < block->resnets->size(); ++i) {
            x = (*block->resnets)[i](x, time);
            if (block->attentions) x = (*block->attentions)[i](x, text);
            skips.push_back(x);
        }
        if (block->downsamplers) {
            x = (*block->downsamplers)[0](x);
            skips.push_back(x);
        }
    }

    if (mid_block_) {
        x = (*mid_block_->resnets)[0](x, time);
        if (mid_block_->attentions) {
            x = (*mid_block_->attentions)[0](x, text);
            x = (*mid_block_->resnets)[1](x, time);
        }
    }

    for (const auto& block : up_blocks_) {
        for (std::size_t i = 0; i < block->resnets->size(); ++i) {
            x = (*block->resnets)[i](torch::cat({x, skips.back()}, 1), time);
            skips.pop_back();
            if (block->attentions) x = (*block->attentions)[i](x, text);
        }
        // A level of odd size was not halved evenly: the size is that of the skip connection ahead.
        if (block->upsamplers) x = (*block->upsamplers)[0](x, skips.back().size(2), skips.back().size(3));
    }
    return conv_out_(torch::silu(conv_norm_out_(x)));
}

Tensor timestep_sinusoids(const Tensor& timesteps, const UNetConfig& config) {
    const int half = config.levels.front().width / 2;
    const auto options = torch::TensorOptions(torch::kFloat).device(timesteps.device());
    const Tensor frequencies =
        torch::exp(-std::log(10000.0) / (half - config.freq_shift) * torch::arange(half, options));
    const Tensor angles = timesteps.to(torch::kFloat).unsqueeze(1) * frequencies.unsqueeze(0);
    return config.flip_sin_to_cos ? torch::cat({angles.cos(), angles.sin()}, 1)
                                  : torch::cat({angles.sin(), angles.cos()}, 1);
}

}  // namespace easel::train
