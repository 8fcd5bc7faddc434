#pragma once

#include <map>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "weights/safetensors.h"

/// The configs of the networks in a single file without configs: from the shapes of its tensors, and from the family
/// where shapes are not enough. If the family's number is impossible, the model is a small one: the groups are then
/// half of the narrowest width, the text encoder has 4 heads or else heads of 2
/// channels, and those of a UNet with linear projections 4 channels.
/// All take one network's tensors by their names in original files, without the network's prefix, and return what its
/// `config.json` would contain. Throw Error naming `where` if tensors that determine the structure are missing or
/// inconsistent.
namespace easel {

using NamedTensors = std::map<std::string, TensorView, std::less<>>;

nlohmann::json inferred_text_encoder_config(const NamedTensors& tensors, std::string_view where);
nlohmann::json inferred_unet_config(const NamedTensors& tensors, std::string_view where);
/// Its tensors may have diffusers' names too.
nlohmann::json inferred_controlnet_config(const NamedTensors& tensors, std::string_view where);
nlohmann::json inferred_vae_config(const NamedTensors& tensors, std::string_view where);

}  // namespace easel
