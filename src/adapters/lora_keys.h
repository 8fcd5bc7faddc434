#pragma once

#include <string>
#include <string_view>

namespace easel {

/// The name of a tensor in an adapter's file, taken apart.
struct LoraKey {
    /// As LayerTable::find() takes it.
    std::string layer;
    /// By kohya's name: "lora_up.weight", "alpha", ...; empty if the name has no part.
    std::string part;
};

/// Takes apart a name of kohya's form ("lora_unet_mid_block_attentions_0_proj_in.lora_down.weight") or of one of
/// diffusers' five. Names without a network are of the UNet. Sources: sd-scripts' networks/lora.py, diffusers'
/// loaders/lora_conversion_utils.py.
LoraKey lora_key(std::string_view name);

}  // namespace easel
