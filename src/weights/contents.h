#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weights/family.h"
#include "weights/safetensors.h"

namespace easel {

/// Contents::name of networks alone that other code has to know.
inline constexpr std::string_view vae_alone = "a VAE alone", tiny_vae_alone = "a tiny VAE (TAESD)",
                                  controlnet_alone = "a ControlNet";

/// A whole model in a single file.
struct WholeModel {
    Family family;
    /// What the names of each network's tensors begin with; the text encoders' in the order of the family's row.
    std::vector<std::string_view> text_encoder_prefixes;
    std::string_view unet_prefix, vae_prefix;
};

/// What a file of tensors is.
struct Contents {
    /// Set if it holds all networks of a family.
    std::optional<WholeModel> model;
    /// In words, with the article: "a Stable Diffusion XL model", "a LoRA", "a UNet alone".
    std::string name;
    /// What the file holds in addition to a whole model: a phrase for each, "1 tensor of a ControlNet (control_...)".
    std::vector<std::string> left_over;
};

/// Determines what a file of tensors is from the names and shapes of all tensors. The number of tensors of each kind
/// decides: a stray one among a model's hundreds does not count, regardless of its name.
Contents contents_of(const std::map<std::string, TensorView>& tensors);

}  // namespace easel
