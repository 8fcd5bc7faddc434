#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace easel::jobs {

/// A tag in a prompt, as AUTOMATIC1111's web UI reads it: <lora:NAME:TEXT_WEIGHT:WEIGHT>, where one number is for both
/// and none is 1, or with names, <lora:NAME:te=0.5:unet=1>.
struct LoraTag {
    /// "lora", "lyco", "hypernet".
    std::string kind;
    /// The stem of its file.
    std::string name;
    double text_encoder_weight = 1.0;
    /// Of the UNet.
    double weight = 1.0;
    bool operator==(const LoraTag&) const = default;
};

/// Takes the tags out of a prompt. Throws Error of kind bad_request when one has a weight that is not a number. Source:
/// modules/extra_networks.py and extensions-builtin/Lora/extra_networks_lora.py of the web UI.
std::vector<LoraTag> take_lora_tags(std::string& prompt);

}  // namespace easel::jobs
