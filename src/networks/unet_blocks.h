#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <openvino/op/parameter.hpp>

#include "networks/nn.h"
#include "weights/configs.h"

namespace easel {

/// What the way down of a UNet leaves for its counterpart on the way up.
struct Skip {
    nn::Tensor x;
    int channels = 0;
    /// Whether it has a row for each row of text yet.
    bool has_text_rows = false;
};

/// A picture that prompts beside the words: its tokens [n, tokens, cross_attention_dim], how much they count [1], and
/// the weights of an IP-Adapter, to_k_ip and to_v_ip of each cross attention.
struct ImagePrompt {
    nn::Tensor tokens, scale;
    const Weights* weights = nullptr;
};

/// The parts that UNets and ControlNets, their copies, are made of: builders derive from it. Source: diffusers'
/// UNet2DConditionModel.
class UNetBlocks {
  protected:
    /// `has_text_rows`: whether the latents have a row for each row of text from the beginning.
    UNetBlocks(const Weights& weights, const UNetConfig& config, bool has_text_rows);

    /// An input of the graph.
    static std::shared_ptr<ov::op::v0::Parameter> input(const std::string& name, const ov::PartialShape& shape,
                                                        const ov::element::Type& type = ov::element::f32);

    /// Sets what all blocks see: the text [n, tokens, cross_attention_dim], the timestep's sinusoids [1,
    /// levels[0].width] with those of the guidance scale behind them where the config has time_cond_proj_dim, and
    /// perhaps [n, added_conditions].
    void condition(nn::Tensor text, nn::Tensor sinusoid, const std::optional<nn::Tensor>& added = {});

    nn::Tensor first_convolution(nn::Tensor sample);
    /// Everything from what the first convolution gives to the middle block, which is not included. Leaves `skips_`.
    nn::Tensor way_down(nn::Tensor x);
    nn::Tensor middle_block(nn::Tensor x);

    nn::Tensor resnet(nn::Tensor x, const nn::Scope& scope, int outputs);
    /// Of so many `layers`.
    nn::Tensor transformer(nn::Tensor x, const nn::Scope& scope, int level, int layers);

    int levels() const { return config_.level_count(); }
    int width(int level) const { return config_.level(level).width; }
    int layers(int level) const { return config_.level(level).layers; }

    nn::Scope root_;
    const UNetConfig& config_;
    nn::Tensor text_;
    std::vector<ImagePrompt> image_prompts_;
    std::vector<Skip> skips_;
    /// Channels of the tensor being worked on.
    int channels_ = 0;
    /// Whether the tensor being worked on has a row for each row of text.
    bool has_text_rows_;

  private:
    nn::Tensor added_embedding(nn::Tensor added) const;
    nn::Tensor down_block(nn::Tensor x, int level);
    nn::Tensor transformer_layer(nn::Tensor x, const nn::Scope& scope, int heads);
    nn::Tensor self_attention(nn::Tensor x, const nn::Scope& scope, int heads) const;
    /// To the text, and to pictures that prompt beside it.
    nn::Tensor cross_attention(nn::Tensor x, const nn::Scope& scope, int heads) const;
    nn::Tensor feed_forward(nn::Tensor x, const nn::Scope& scope) const;
    void remember(nn::Tensor x) { skips_.push_back({x, channels_, has_text_rows_}); }

    int time_width_;
    nn::Tensor time_;
};

}  // namespace easel
