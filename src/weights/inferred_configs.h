#pragma once

#include <map>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "weights/safetensors.h"

/// The configs of a single file's networks, which has none of its own: from the shapes of its tensors, and what shapes
/// cannot tell from the family. Where the family's number cannot be, the model is a small one:
/// groups are then half of the narrowest width, and the text encoder's heads are 4.
/// All take one network's tensors by their names in original files, without the network's prefix, and give what its
/// `config.json` would hold. Throw Error naming `where` when tensors that tell the structure are missing or odd.
namespace easel {

using NamedTensors = std::map<std::string, TensorView, std::less<>>;

nlohmann::json inferred_text_encoder_config(const NamedTensors& tensors, std::string_view where);
nlohmann::json inferred_unet_config(const NamedTensors& tensors, std::string_view where);
nlohmann::json inferred_vae_config(const NamedTensors& tensors, std::string_view where);

}  // namespace easel
