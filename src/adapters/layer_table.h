#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "weights/checkpoint.h"
#include "weights/family.h"

namespace easel {

/// The second text encoder is that of Stable Diffusion XL.
enum class AdaptedNetwork { unet, text_encoder, text_encoder_2 };

/// What diffusers' names of a network's layers begin with: "unet.".
std::string_view diffusers_prefix(AdaptedNetwork network);

/// What kohya's scripts call a layer: "lora_unet_mid_block_attentions_0_proj_in" for "mid_block.attentions.0.proj_in".
std::string kohya_name(AdaptedNetwork network, std::string layer);

/// A layer whose weight and bias adapters may change.
struct AdaptedLayer {
    AdaptedNetwork network = AdaptedNetwork::unet;
    /// The diffusers name within its network, "down_blocks.0.attentions.0.proj_in": its tensors are `name`.weight and
    /// `name`.bias.
    std::string name;
    std::vector<std::int64_t> weight_shape;
    /// Empty if it has no bias.
    std::vector<std::int64_t> bias_shape;
};

/// The layers of a model by the names that adapters have for them. Kohya's names have underscores for dots, which may
/// stand in a name too, so they cannot be split: each is made from a layer's name.
class LayerTable {
  public:
    LayerTable() = default;
    explicit LayerTable(const Checkpoint& checkpoint);

    /// `name` is one of
    /// - diffusers': "unet.mid_block.attentions.0.proj_in", "text_encoder.text_model.encoder.layers.0.mlp.fc1"
    /// ("text_encoder_2."),
    /// - kohya's: "lora_unet_mid_block_attentions_0_proj_in", "lora_te_text_model_encoder_layers_0_mlp_fc1"
    /// ("lora_te1_", "lora_te2_"),
    /// - kohya's by the blocks of the original code: "lora_unet_middle_block_1_proj_in".
    /// Null if the model has no such layer.
    const AdaptedLayer* find(std::string_view name) const;

    bool empty() const { return layers_.empty(); }
    /// Of the model.
    Family family() const { return family_; }

  private:
    void add(AdaptedLayer layer, const std::vector<std::string>& names);

    Family family_ = Family::stable_diffusion_1;
    std::vector<AdaptedLayer> layers_;
    /// To an index of `layers_`.
    std::map<std::string, std::size_t, std::less<>> index_;
};

}  // namespace easel
