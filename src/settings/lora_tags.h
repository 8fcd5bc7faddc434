#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <easel/easel.h>

namespace easel {

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

    bool is_lora() const { return kind == "lora" || kind == "lyco"; }
};

/// The LoRA that a tag names, with its name for the file.
Lora lora_of(const LoraTag& tag);

/// Whether each of the LoRAs has a name that a tag can hold.
bool have_tags(const std::vector<Lora>& loras);

/// The tags for them, to be put behind a prompt: "<lora:ink:0.7>", or with the text encoder's weight first.
std::string lora_tags(const std::vector<Lora>& loras);

/// Takes the tags out of a prompt. Throws Error of kind bad_request when one has a weight that is not a number. Source:
/// modules/extra_networks.py and extensions-builtin/Lora/extra_networks_lora.py of the web UI.
std::vector<LoraTag> take_lora_tags(std::string& prompt);

}  // namespace easel
