#include "networks/unet.h"

#include <cmath>
#include <optional>
#include <utility>

#include <openvino/op/constant.hpp>
#include <openvino/op/convert.hpp>
#include <openvino/op/cos.hpp>
#include <openvino/op/parameter.hpp>
#include <openvino/op/sin.hpp>
#include <openvino/op/split.hpp>
#include <openvino/op/variadic_split.hpp>

#include "networks/blocks.h"
#include "networks/nn.h"

namespace easel {
namespace {

using nn::Scope;
using nn::Tensor;

constexpr double transformer_norm_epsilon = 1e-6;
constexpr double layer_norm_epsilon = 1e-5;

/// What a block leaves for its counterpart on the way up.
struct Skip {
    Tensor x;
    int channels = 0;
    /// Whether it has a row for each row of text yet.
    bool has_text_rows = false;
};

/// Of the timestep's sinusoids, `width` / 2 values: 1 down to about 1/10000.
std::vector<float> timestep_frequencies(int width, double freq_shift) {
    const int half = width / 2;
    std::vector<float> frequencies;
    frequencies.reserve(static_cast<std::size_t>(half));
    for (int i = 0; i < half; ++i)
        frequencies.push_back(static_cast<float>(std::exp(-std::log(10000.0) * i / (half - freq_shift))));
    return frequencies;
}

class Builder {
  public:
    Builder(const Weights& weights, const UNetConfig& config, UNetInputs inputs)
        : root_(weights),
          config_(config),
          time_width_(4 * config.levels.front().width),
          inputs_(inputs),
          has_text_rows_(inputs != UNetInputs::shared) {}

    std::shared_ptr<ov::Model> build(const ov::element::Type& timestep_type) {
        const bool each_row = inputs_ == UNetInputs::each_row;
        const auto sample = input("sample", {each_row ? -1 : 1, config_.in_channels, -1, -1});
        const auto time = each_row ? input("timestep", {1}, timestep_type)
                                   : input("sinusoid", {1, width(0) + config_.time_cond_proj_dim});
        const auto text = input("encoder_hidden_states", {-1, -1, config_.cross_attention_dim});
        text_ = text;
        ov::ParameterVector inputs = {sample, time, text};
        if (config_.added_conditions > 0) {
            inputs.push_back(input("added_conditions", {-1, config_.added_conditions}));
            added_ = inputs.back();
            // They differ from row to row.
            has_text_rows_ = true;
        }
        time_ = time_embedding(each_row ? sinusoid(time) : time);

        channels_ = config_.levels.front().width;
        Tensor x = has_text_rows_ && !each_row ? nn::repeat_batch(sample, text) : Tensor(sample);
        x = nn::conv2d(x, root_ / "conv_in", config_.in_channels, channels_);
        remember(x);
        for (int level = 0; level < levels(); ++level) x = down_block(x, level);
        x = middle_block(x);
        for (int level = levels() - 1; level >= 0; --level) x = up_block(x, level);

        x = nn::silu(nn::group_norm(x, root_ / "conv_norm_out", channels_, config_.norm_num_groups, config_.norm_eps));
        x = nn::conv2d(x, root_ / "conv_out", channels_, config_.out_channels);
        x.set_names({"out_sample"});
        return std::make_shared<ov::Model>(ov::OutputVector{x}, inputs, "unet");
    }

  private:
    static std::shared_ptr<ov::op::v0::Parameter> input(const char* name, const ov::PartialShape& shape,
                                                        const ov::element::Type& type = ov::element::f32) {
        auto parameter = std::make_shared<ov::op::v0::Parameter>(type, shape);
        parameter->set_friendly_name(name);
        parameter->output(0).set_names({name});
        return parameter;
    }

    int levels() const { return config_.level_count(); }
    int width(int level) const { return config_.level(level).width; }
    int layers(int level) const { return config_.level(level).layers; }

    /// What timestep_sinusoid() gives, from a timestep [1].
    Tensor sinusoid(Tensor timestep) const {
        const std::vector<float> frequencies = timestep_frequencies(width(0), config_.freq_shift);
        const Tensor row =
            ov::op::v0::Constant::create(ov::element::f32, ov::Shape{1, frequencies.size()}, frequencies);
        const Tensor angles = nn::multiply(std::make_shared<ov::op::v0::Convert>(timestep, ov::element::f32), row);
        const Tensor sines = std::make_shared<ov::op::v0::Sin>(angles);
        const Tensor cosines = std::make_shared<ov::op::v0::Cos>(angles);
        return config_.flip_sin_to_cos ? nn::concat_channels(cosines, sines) : nn::concat_channels(sines, cosines);
    }

    /// The timestep for all residual blocks, already activated: [1, time_width].
    Tensor time_embedding(Tensor sinusoid) const {
        const Scope scope = root_ / "time_embedding";
        if (const int guidance_width = config_.time_cond_proj_dim; guidance_width > 0) {
            const auto parts = std::make_shared<ov::op::v1::VariadicSplit>(
                sinusoid, ov::op::v0::Constant::create(ov::element::i64, ov::Shape{}, {1}),
                nn::constant(std::vector<std::int64_t>{width(0), guidance_width}));
            sinusoid = nn::add(parts->output(0), nn::linear(parts->output(1), scope / "cond_proj", guidance_width,
                                                            width(0), /*bias=*/false));
        }
        const Tensor hidden = nn::silu(nn::linear(sinusoid, scope / "linear_1", width(0), time_width_));
        Tensor embedding = nn::linear(hidden, scope / "linear_2", time_width_, time_width_);
        if (added_) embedding = nn::add(embedding, added_embedding());
        return nn::silu(embedding);
    }

    Tensor added_embedding() const {
        const Scope scope = root_ / "add_embedding";
        const Tensor hidden = nn::silu(nn::linear(*added_, scope / "linear_1", config_.added_conditions, time_width_));
        return nn::linear(hidden, scope / "linear_2", time_width_, time_width_);
    }

    Tensor down_block(Tensor x, int level) {
        const Scope scope = root_ / "down_blocks" / level;
        for (int layer = 0; layer < layers(level); ++layer) {
            x = resnet(x, scope / "resnets" / layer, width(level));
            if (config_.level(level).cross_attention_down) x = transformer(x, scope / "attentions" / layer, level);
            remember(x);
        }
        if (level + 1 < levels()) {
            x = nn::conv2d(x, scope / "downsamplers" / 0 / "conv", channels_, channels_, {.stride = 2});
            remember(x);
        }
        return x;
    }

    Tensor middle_block(Tensor x) {
        if (config_.mid_block == MidBlock::none) return x;
        const Scope scope = root_ / "mid_block";
        const int last = levels() - 1;
        x = resnet(x, scope / "resnets" / 0, width(last));
        if (config_.mid_block == MidBlock::plain) return x;
        x = transformer(x, scope / "attentions" / 0, last);
        return resnet(x, scope / "resnets" / 1, width(last));
    }

    /// The counterpart of the down block of `level`; the checkpoint counts these blocks from the bottom.
    Tensor up_block(Tensor x, int level) {
        const Scope scope = root_ / "up_blocks" / (levels() - 1 - level);
        for (int layer = 0; layer <= layers(level); ++layer) {
            x = join_skip(x);
            x = resnet(x, scope / "resnets" / layer, width(level));
            if (config_.level(level).cross_attention_up) x = transformer(x, scope / "attentions" / layer, level);
        }
        if (level > 0) {
            x = nn::upsample_to(x, skips_.back().x);
            x = nn::conv2d(x, scope / "upsamplers" / 0 / "conv", channels_, channels_);
        }
        return x;
    }

    Tensor resnet(Tensor x, const Scope& scope, int outputs) {
        const int inputs = std::exchange(channels_, outputs);
        return nn::resnet(x, time_, scope,
                          {.inputs = inputs,
                           .outputs = outputs,
                           .groups = config_.norm_num_groups,
                           .epsilon = config_.norm_eps,
                           .time_width = time_width_});
    }

    Tensor transformer(Tensor x, const Scope& scope, int level) {
        const UNetLevel& of = config_.level(level);
        Tensor h = nn::group_norm(x, scope / "norm", channels_, config_.norm_num_groups, transformer_norm_epsilon);
        h = nn::to_sequence(nn::conv2d(h, scope / "proj_in", channels_, channels_, nn::pointwise), channels_);
        for (int layer = 0; layer < of.transformer_layers; ++layer)
            h = transformer_layer(h, scope / "transformer_blocks" / layer, of.heads);
        h = nn::conv2d(nn::to_picture(h, x, channels_), scope / "proj_out", channels_, channels_, nn::pointwise);
        return nn::add(h, x);
    }

    Tensor transformer_layer(Tensor x, const Scope& scope, int heads) {
        const auto norm = [&](const char* which) {
            return nn::layer_norm(x, scope / which, channels_, layer_norm_epsilon);
        };
        const Tensor normalized = norm("norm1");
        x = nn::add(x, attention(normalized, normalized, channels_, scope / "attn1", heads));
        if (!std::exchange(has_text_rows_, true)) x = nn::repeat_batch(x, text_);
        x = nn::add(x, attention(norm("norm2"), text_, config_.cross_attention_dim, scope / "attn2", heads));
        return nn::add(x, feed_forward(norm("norm3"), scope / "ff" / "net"));
    }

    Tensor attention(Tensor x, Tensor context, int context_width, const Scope& scope, int heads) const {
        const Tensor mixed =
            nn::attention(nn::linear(x, scope / "to_q", channels_, channels_, /*bias=*/false),
                          nn::linear(context, scope / "to_k", context_width, channels_, false),
                          nn::linear(context, scope / "to_v", context_width, channels_, false), channels_, heads);
        return nn::linear(mixed, scope / "to_out" / 0, channels_, channels_);
    }

    /// GEGLU (Shazeer 2020): one half of a wide layer gates the other.
    Tensor feed_forward(Tensor x, const Scope& scope) const {
        const int wide = 4 * channels_;
        const Tensor both = nn::linear(x, scope / 0 / "proj", channels_, 2 * wide);
        const auto halves = std::make_shared<ov::op::v1::Split>(
            both, ov::op::v0::Constant::create(ov::element::i64, ov::Shape{}, {2}), 2);
        return nn::linear(nn::multiply(halves->output(0), nn::gelu(halves->output(1))), scope / 2, wide, channels_);
    }

    void remember(Tensor x) { skips_.push_back({x, channels_, has_text_rows_}); }

    Tensor join_skip(Tensor x) {
        const Skip skip = skips_.back();
        skips_.pop_back();
        channels_ += skip.channels;
        return nn::concat_channels(x, skip.has_text_rows == has_text_rows_ ? skip.x : nn::repeat_batch(skip.x, text_));
    }

    Scope root_;
    const UNetConfig& config_;
    int time_width_;
    UNetInputs inputs_;
    Tensor text_, time_;
    std::optional<Tensor> added_;
    std::vector<Skip> skips_;
    /// Channels of the tensor being worked on.
    int channels_ = 0;
    /// Whether the tensor being worked on has a row for each row of text.
    bool has_text_rows_;
};

}  // namespace

std::shared_ptr<ov::Model> build_unet(const Weights& weights, const UNetConfig& config, UNetInputs inputs,
                                      const ov::element::Type& timestep_type) {
    return Builder(weights, config, inputs).build(timestep_type);
}

std::vector<float> timestep_sinusoid(double timestep, int width, bool flip_sin_to_cos, double freq_shift) {
    const int half = width / 2;
    std::vector<float> values(static_cast<std::size_t>(width), 0.0f);
    const int sines = flip_sin_to_cos ? half : 0;
    const int cosines = flip_sin_to_cos ? 0 : half;
    const std::vector<float> frequencies = timestep_frequencies(width, freq_shift);
    for (int i = 0; i < half; ++i) {
        const float angle = static_cast<float>(timestep) * frequencies[static_cast<std::size_t>(i)];
        values[static_cast<std::size_t>(sines) + static_cast<std::size_t>(i)] = std::sin(angle);
        values[static_cast<std::size_t>(cosines) + static_cast<std::size_t>(i)] = std::cos(angle);
    }
    return values;
}

std::vector<float> guidance_embedding(double guidance_scale, int width) {
    const int half = width / 2;
    // Its own frequencies: the last is exactly 1/10000, and sines come first.
    std::vector<float> values(static_cast<std::size_t>(width));
    for (int i = 0; i < half; ++i) {
        const double angle = (guidance_scale - 1.0) * 1000.0 * std::exp(-std::log(10000.0) * i / (half - 1));
        values[static_cast<std::size_t>(i)] = static_cast<float>(std::sin(angle));
        values[static_cast<std::size_t>(half + i)] = static_cast<float>(std::cos(angle));
    }
    return values;
}

}  // namespace easel
