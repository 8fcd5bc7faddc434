#include "networks/unet.h"

#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>

#include <openvino/op/concat.hpp>
#include <openvino/op/constant.hpp>
#include <openvino/op/convert.hpp>
#include <openvino/op/cos.hpp>
#include <openvino/op/reshape.hpp>
#include <openvino/op/sin.hpp>
#include <openvino/op/unsqueeze.hpp>

#include "networks/freeu.h"
#include "networks/nn.h"
#include "networks/unet_blocks.h"

namespace easel {
namespace {

using nn::Scope;
using nn::Tensor;

/// Of the timestep's sinusoids, `width` / 2 values: 1 down to about 1/10000.
std::vector<float> timestep_frequencies(int width, double freq_shift) {
    const int half = width / 2;
    std::vector<float> frequencies;
    frequencies.reserve(static_cast<std::size_t>(half));
    for (int i = 0; i < half; ++i)
        frequencies.push_back(static_cast<float>(std::exp(-std::log(10000.0) * i / (half - freq_shift))));
    return frequencies;
}

class UNetBuilder : UNetBlocks {
  public:
    UNetBuilder(const Weights& weights, const UNetConfig& config, const UNetOptions& options)
        : UNetBlocks(weights, config, options.inputs != UNetInputs::shared), options_(options) {}

    std::shared_ptr<ov::Model> build() {
        const bool each_row = options_.inputs == UNetInputs::each_row;
        const bool has_latents_of_rows = each_row || options_.inputs == UNetInputs::latents_of_rows;
        const auto sample = input("sample", {has_latents_of_rows ? -1 : 1, config_.in_channels, -1, -1});
        const auto time = each_row ? input("timestep", {1}, options_.timestep_type)
                                   : input("sinusoid", {1, width(0) + config_.time_cond_proj_dim});
        const auto text = input("encoder_hidden_states", {-1, -1, config_.cross_attention_dim});
        ov::ParameterVector inputs{sample, time, text};
        Tensor times = each_row ? sinusoid(time) : Tensor(time);
        if (each_row && config_.time_cond_proj_dim > 0) {
            const auto guidance = inputs.emplace_back(input("timestep_cond", {-1, config_.time_cond_proj_dim}));
            times = nn::concat_channels(nn::repeat_batch(times, guidance), guidance);
        }
        std::optional<Tensor> added;
        if (config_.added_conditions > 0) {
            added = each_row ? added_conditions(inputs)
                             : Tensor(inputs.emplace_back(input("added_conditions", {-1, config_.added_conditions})));
            // They differ from row to row.
            has_text_rows_ = true;
        }
        ov::ParameterVector image_inputs;
        for (const Weights* weights : options_.ip_adapters) {
            const std::size_t index = image_prompts_.size();
            const auto tokens = input(image_tokens_name(index), {-1, -1, config_.cross_attention_dim});
            const auto scale = input(image_scale_name(index), {1});
            image_inputs.insert(image_inputs.end(), {tokens, scale});
            image_prompts_.push_back({tokens, scale, weights});
        }
        condition(text, times, added);

        Tensor x =
            first_convolution(has_text_rows_ && !has_latents_of_rows ? nn::repeat_batch(sample, text) : Tensor(sample));
        x = middle_block(way_down(x));
        if (options_.takes_residuals) x = add_residuals(x, inputs);
        inputs.insert(inputs.end(), image_inputs.begin(), image_inputs.end());
        for (int level = levels() - 1; level >= 0; --level) x = up_block(x, level);

        x = nn::silu(nn::group_norm(x, root_ / "conv_norm_out", channels_, config_.norm_num_groups, config_.norm_eps));
        x = nn::conv2d(x, root_ / "conv_out", channels_, config_.out_channels);
        x.set_names({"out_sample"});
        return std::make_shared<ov::Model>(ov::OutputVector{x}, inputs, "unet");
    }

  private:
    /// What timestep_sinusoid() gives, [..., width], from numbers [..., 1].
    Tensor sinusoids(Tensor numbers, int width) const {
        const std::vector<float> frequencies = timestep_frequencies(width, config_.freq_shift);
        const Tensor row =
            ov::op::v0::Constant::create(ov::element::f32, ov::Shape{1, frequencies.size()}, frequencies);
        const Tensor angles = nn::multiply(numbers, row);
        const Tensor sines = std::make_shared<ov::op::v0::Sin>(angles);
        const Tensor cosines = std::make_shared<ov::op::v0::Cos>(angles);
        return std::make_shared<ov::op::v0::Concat>(
            config_.flip_sin_to_cos ? ov::OutputVector{cosines, sines} : ov::OutputVector{sines, cosines}, -1);
    }

    /// The same, [1, width], from a timestep [1].
    Tensor sinusoid(Tensor timestep) const {
        return sinusoids(std::make_shared<ov::op::v0::Convert>(timestep, ov::element::f32), width(0));
    }

    /// The pooled text, and behind it the sinusoids of the size ids, which are inputs of their own.
    Tensor added_conditions(ov::ParameterVector& inputs) const {
        const int ids = options_.size_ids, width = config_.addition_time_embed_dim;
        const auto text = inputs.emplace_back(input("text_embeds", {-1, config_.added_conditions - ids * width}));
        const auto sizes = inputs.emplace_back(input("time_ids", {-1, ids}));
        const Tensor column =
            std::make_shared<ov::op::v0::Unsqueeze>(sizes, nn::constant(std::vector<std::int64_t>{-1}));
        const Tensor joined = std::make_shared<ov::op::v1::Reshape>(
            sinusoids(column, width), nn::constant(std::vector<std::int64_t>{0, std::int64_t{ids} * width}),
            /*special_zero=*/true);
        return nn::concat_channels(text, joined);
    }

    /// Adds what ControlNets give, with a row for each row of text, to the skips and to the middle.
    Tensor add_residuals(Tensor x, ov::ParameterVector& inputs) {
        const std::size_t first = inputs.size();
        const auto residual = [&](int channels) {
            return inputs.emplace_back(input(residual_name(inputs.size() - first), {-1, channels, -1, -1}));
        };
        for (Skip& skip : skips_) {
            skip.x = nn::add(skip.x, residual(skip.channels));
            skip.has_text_rows = true;
        }
        has_text_rows_ = true;
        return nn::add(x, residual(channels_));
    }

    /// The counterpart of the down block of `level`; the checkpoint counts these blocks from the bottom.
    Tensor up_block(Tensor x, int level) {
        const Scope scope = root_ / "up_blocks" / (levels() - 1 - level);
        for (int layer = 0; layer <= layers(level); ++layer) {
            x = join_skip(x, levels() - 1 - level);
            x = resnet(x, scope / "resnets" / layer, width(level));
            if (config_.level(level).cross_attention_up)
                x = transformer(x, scope / "attentions" / layer, level,
                                config_.level(level).up_transformer_layers(layer));
        }
        if (level > 0) {
            x = nn::upsample_to(x, skips_.back().x);
            x = nn::conv2d(x, scope / "upsamplers" / 0 / "conv", channels_, channels_);
        }
        return x;
    }

    Tensor join_skip(Tensor x, int up_block) {
        Skip skip = skips_.back();
        skips_.pop_back();
        if (const auto& freeu = options_.freeu; freeu && up_block < 2) {
            x = nn::with_weighed_backbone(x, channels_, up_block == 0 ? freeu->b1 : freeu->b2);
            skip.x = nn::with_weighed_low_frequencies(skip.x, up_block == 0 ? freeu->s1 : freeu->s2);
        }
        channels_ += skip.channels;
        return nn::concat_channels(x, skip.has_text_rows == has_text_rows_ ? skip.x : nn::repeat_batch(skip.x, text_));
    }

    const UNetOptions& options_;
};

}  // namespace

std::shared_ptr<ov::Model> build_unet(const Weights& weights, const UNetConfig& config, const UNetOptions& options) {
    return UNetBuilder(weights, config, options).build();
}

std::string image_tokens_name(std::size_t index) { return "image_tokens_" + std::to_string(index); }

std::string image_scale_name(std::size_t index) { return "image_scale_" + std::to_string(index); }

std::string residual_name(std::size_t index) { return "residual_" + std::to_string(index); }

std::vector<ov::PartialShape> residual_shapes(const UNetConfig& config, int rows, int height, int width) {
    std::vector<ov::PartialShape> shapes;
    const auto add = [&](int channels) { shapes.push_back({rows, channels, height, width}); };
    add(config.levels.front().width);
    for (int level = 0; level < config.level_count(); ++level) {
        const auto& [channels, layers] = std::pair(config.level(level).width, config.level(level).layers);
        for (int layer = 0; layer < layers; ++layer) add(channels);
        if (level + 1 == config.level_count()) continue;
        height = (height + 1) / 2;
        width = (width + 1) / 2;
        add(channels);
    }
    add(config.levels.back().width);
    return shapes;
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
