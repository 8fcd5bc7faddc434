#include "networks/unet_blocks.h"

#include <utility>

#include <openvino/op/constant.hpp>
#include <openvino/op/split.hpp>
#include <openvino/op/variadic_split.hpp>

#include "networks/blocks.h"

namespace easel {
namespace {

constexpr double transformer_norm_epsilon = 1e-6;
constexpr double layer_norm_epsilon = 1e-5;

}  // namespace

using nn::Scope;
using nn::Tensor;

UNetBlocks::UNetBlocks(const Weights& weights, const UNetConfig& config, bool has_text_rows)
    : root_(weights), config_(config), has_text_rows_(has_text_rows), time_width_(4 * config.levels.front().width) {}

std::shared_ptr<ov::op::v0::Parameter> UNetBlocks::input(const std::string& name, const ov::PartialShape& shape,
                                                         const ov::element::Type& type) {
    auto parameter = std::make_shared<ov::op::v0::Parameter>(type, shape);
    parameter->set_friendly_name(name);
    parameter->output(0).set_names({name});
    return parameter;
}

void UNetBlocks::condition(Tensor text, Tensor sinusoid, const std::optional<Tensor>& added) {
    text_ = text;
    const Scope scope = root_ / "time_embedding";
    if (const int guidance_width = config_.time_cond_proj_dim; guidance_width > 0) {
        const auto parts = std::make_shared<ov::op::v1::VariadicSplit>(
            sinusoid, ov::op::v0::Constant::create(ov::element::i64, ov::Shape{}, {1}),
            nn::constant(std::vector<std::int64_t>{width(0), guidance_width}));
        sinusoid = nn::add(parts->output(0),
                           nn::linear(parts->output(1), scope / "cond_proj", guidance_width, width(0), /*bias=*/false));
    }
    const Tensor hidden = nn::silu(nn::linear(sinusoid, scope / "linear_1", width(0), time_width_));
    Tensor embedding = nn::linear(hidden, scope / "linear_2", time_width_, time_width_);
    if (added) embedding = nn::add(embedding, added_embedding(*added));
    // For all residual blocks, already activated: [1, time_width], or a row for each row of text.
    time_ = nn::silu(embedding);
}

Tensor UNetBlocks::added_embedding(Tensor added) const {
    const Scope scope = root_ / "add_embedding";
    const Tensor hidden = nn::silu(nn::linear(added, scope / "linear_1", config_.added_conditions, time_width_));
    return nn::linear(hidden, scope / "linear_2", time_width_, time_width_);
}

Tensor UNetBlocks::first_convolution(Tensor sample) {
    channels_ = width(0);
    return nn::conv2d(sample, root_ / "conv_in", config_.in_channels, channels_);
}

Tensor UNetBlocks::way_down(Tensor x) {
    remember(x);
    for (int level = 0; level < levels(); ++level) x = down_block(x, level);
    return x;
}

Tensor UNetBlocks::down_block(Tensor x, int level) {
    const Scope scope = root_ / "down_blocks" / level;
    for (int layer = 0; layer < layers(level); ++layer) {
        x = resnet(x, scope / "resnets" / layer, width(level));
        if (config_.level(level).cross_attention_down)
            x = transformer(x, scope / "attentions" / layer, level,
                            config_.level(level).down_transformer_layers(layer));
        remember(x);
    }
    if (level + 1 < levels()) {
        x = nn::conv2d(x, scope / "downsamplers" / 0 / "conv", channels_, channels_, {.stride = 2});
        remember(x);
    }
    return x;
}

Tensor UNetBlocks::middle_block(Tensor x) {
    if (config_.mid_block == MidBlock::none) return x;
    const Scope scope = root_ / "mid_block";
    const int last = levels() - 1;
    x = resnet(x, scope / "resnets" / 0, width(last));
    if (config_.mid_block == MidBlock::plain) return x;
    x = transformer(x, scope / "attentions" / 0, last, config_.level(last).transformer_layers);
    return resnet(x, scope / "resnets" / 1, width(last));
}

Tensor UNetBlocks::resnet(Tensor x, const Scope& scope, int outputs) {
    const int inputs = std::exchange(channels_, outputs);
    return nn::resnet(x, time_, scope,
                      {.inputs = inputs,
                       .outputs = outputs,
                       .groups = config_.norm_num_groups,
                       .epsilon = config_.norm_eps,
                       .time_width = time_width_});
}

Tensor UNetBlocks::transformer(Tensor x, const Scope& scope, int level, int layers) {
    const int heads = config_.level(level).heads;
    Tensor h = nn::group_norm(x, scope / "norm", channels_, config_.norm_num_groups, transformer_norm_epsilon);
    h = nn::to_sequence(nn::conv2d(h, scope / "proj_in", channels_, channels_, nn::pointwise), channels_);
    for (int layer = 0; layer < layers; ++layer) h = transformer_layer(h, scope / "transformer_blocks" / layer, heads);
    h = nn::conv2d(nn::to_picture(h, x, channels_), scope / "proj_out", channels_, channels_, nn::pointwise);
    return nn::add(h, x);
}

Tensor UNetBlocks::transformer_layer(Tensor x, const Scope& scope, int heads) {
    const auto norm = [&](const char* which) {
        return nn::layer_norm(x, scope / which, channels_, layer_norm_epsilon);
    };
    x = nn::add(x, self_attention(norm("norm1"), scope / "attn1", heads));
    if (!std::exchange(has_text_rows_, true)) x = nn::repeat_batch(x, text_);
    x = nn::add(x, cross_attention(norm("norm2"), scope / "attn2", heads));
    return nn::add(x, feed_forward(norm("norm3"), scope / "ff" / "net"));
}

Tensor UNetBlocks::self_attention(Tensor x, const Scope& scope, int heads) const {
    const auto linear = [&](const char* which) {
        return nn::linear(x, scope / which, channels_, channels_, /*bias=*/false);
    };
    const Tensor mixed = nn::attention(linear("to_q"), linear("to_k"), linear("to_v"), channels_, heads);
    return nn::linear(mixed, scope / "to_out" / 0, channels_, channels_);
}

Tensor UNetBlocks::cross_attention(Tensor x, const Scope& scope, int heads) const {
    const Tensor queries = nn::linear(x, scope / "to_q", channels_, channels_, /*bias=*/false);
    const auto attend = [&](Tensor tokens, const Scope& keys, const Scope& values) {
        const auto linear = [&](const Scope& layer) {
            return nn::linear(tokens, layer, config_.cross_attention_dim, channels_, /*bias=*/false);
        };
        return nn::attention(queries, linear(keys), linear(values), channels_, heads);
    };
    Tensor mixed = attend(text_, scope / "to_k", scope / "to_v");
    for (const ImagePrompt& prompt : image_prompts_) {
        const Scope of_adapter = scope.in(*prompt.weights);
        const Tensor seen = attend(prompt.tokens, of_adapter / "to_k_ip", of_adapter / "to_v_ip");
        mixed = nn::add(mixed, nn::multiply(seen, prompt.scale));
    }
    return nn::linear(mixed, scope / "to_out" / 0, channels_, channels_);
}

/// GEGLU (Shazeer 2020): one half of a wide layer gates the other.
Tensor UNetBlocks::feed_forward(Tensor x, const Scope& scope) const {
    const int wide = 4 * channels_;
    const Tensor both = nn::linear(x, scope / 0 / "proj", channels_, 2 * wide);
    const auto halves =
        std::make_shared<ov::op::v1::Split>(both, ov::op::v0::Constant::create(ov::element::i64, ov::Shape{}, {2}), 2);
    return nn::linear(nn::multiply(halves->output(0), nn::gelu(halves->output(1))), scope / 2, wide, channels_);
}

}  // namespace easel
