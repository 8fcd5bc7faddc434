#include "networks/controlnet.h"

#include <optional>

#include <openvino/op/broadcast.hpp>
#include <openvino/op/reduce_mean.hpp>
#include <openvino/op/shape_of.hpp>

#include "networks/nn.h"
#include "networks/unet_blocks.h"

namespace easel {
namespace {

using nn::Scope;
using nn::Tensor;

/// The mean of each channel, at the size of `x`.
Tensor pooled(Tensor x) {
    const Tensor mean =
        std::make_shared<ov::op::v1::ReduceMean>(x, nn::constant(std::vector<std::int64_t>{2, 3}), /*keep_dims=*/true);
    return std::make_shared<ov::op::v3::Broadcast>(mean, std::make_shared<ov::op::v3::ShapeOf>(x));
}

class ControlNetBuilder : UNetBlocks {
  public:
    ControlNetBuilder(const Weights& weights, const ControlNetConfig& config, UNetInputs inputs)
        : UNetBlocks(weights, config.unet, inputs == UNetInputs::repeated), pools_(config.global_pool_conditions) {}

    std::shared_ptr<ov::Model> build() {
        const auto sample = input("sample", {1, config_.in_channels, -1, -1});
        const auto sinusoid = input("sinusoid", {1, width(0)});
        const auto text = input("encoder_hidden_states", {-1, -1, config_.cross_attention_dim});
        const auto embedding = input("embedding", {1, width(0), -1, -1});
        ov::ParameterVector inputs{sample, sinusoid, text, embedding};
        std::optional<Tensor> added;
        if (config_.added_conditions > 0) {
            added = inputs.emplace_back(input("added_conditions", {-1, config_.added_conditions}));
            // They differ from row to row.
            has_text_rows_ = true;
        }
        condition(text, sinusoid, added);

        Tensor x = first_convolution(has_text_rows_ ? nn::repeat_batch(sample, text) : Tensor(sample));
        x = middle_block(way_down(nn::add(x, embedding)));
        int number = 0;
        for (const Skip& skip : skips_)
            give(nn::conv2d(skip.x, root_ / "controlnet_down_blocks" / number++, skip.channels, skip.channels,
                            nn::pointwise));
        give(nn::conv2d(x, root_ / "controlnet_mid_block", channels_, channels_, nn::pointwise));
        return std::make_shared<ov::Model>(outputs_, inputs, "controlnet");
    }

  private:
    void give(Tensor residual) {
        if (pools_) residual = pooled(residual);
        residual.set_names({residual_name(outputs_.size())});
        outputs_.push_back(residual);
    }

    bool pools_;
    ov::OutputVector outputs_;
};

}  // namespace

std::shared_ptr<ov::Model> build_controlnet(const Weights& weights, const ControlNetConfig& config, UNetInputs inputs) {
    return ControlNetBuilder(weights, config, inputs).build();
}

std::shared_ptr<ov::Model> build_control_embedding(const Weights& weights, const ControlNetConfig& config) {
    const auto picture = std::make_shared<ov::op::v0::Parameter>(ov::element::f32, ov::PartialShape{1, 3, -1, -1});
    picture->set_friendly_name("picture");
    picture->output(0).set_names({"picture"});
    const Scope scope = Scope(weights) / "controlnet_cond_embedding";
    const std::vector<int>& channels = config.conditioning_embedding_out_channels;
    Tensor x = nn::silu(nn::conv2d(picture, scope / "conv_in", 3, channels.front()));
    int block = 0;
    for (std::size_t i = 0; i + 1 < channels.size(); ++i) {
        x = nn::silu(nn::conv2d(x, scope / "blocks" / block++, channels[i], channels[i]));
        x = nn::silu(nn::conv2d(x, scope / "blocks" / block++, channels[i], channels[i + 1], {.stride = 2}));
    }
    x = nn::conv2d(x, scope / "conv_out", channels.back(), config.unet.levels.front().width);
    x.set_names({"embedding"});
    return std::make_shared<ov::Model>(ov::OutputVector{x}, ov::ParameterVector{picture}, "ControlNet's picture");
}

}  // namespace easel
