#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "weights/safetensors.h"

namespace easel {

/// What can be said of a file of adapters without the model that it is for.
struct LoraFacts {
    /// "Stable Diffusion 1.x"; two with "or" if it can be either; empty if nothing in the file shows it.
    std::string family;
    /// Of its layers: "LoRA", "LoHa".
    std::set<std::string> kinds;
    std::size_t unet_layers = 0, text_encoder_layers = 0;
    /// How many of `text_encoder_layers` are of the second text encoder.
    std::size_t text_encoder_2_layers = 0;
    std::set<std::int64_t> ranks;
    std::set<double> alphas;
    /// What pictures were captioned with when it was trained, and how many; the most frequent first.
    std::vector<std::pair<std::string, std::int64_t>> words;
    /// `modelspec.title`, else `ss_output_name`; empty if there is neither.
    std::string title;
    /// A picture in the metadata (`modelspec.thumbnail`).
    bool has_thumbnail = false;

    /// "a LoRA for Stable Diffusion 1.x: 192 layers of the UNet and 72 of the text encoder, rank 16, alpha 8"
    std::string description() const;
};

/// Facts of an opened file; none if most of its tensors are no parts of an adapter. Throws nothing for what makes no
/// sense in its metadata, which then is as if it were not there.
std::optional<LoraFacts> lora_facts(const SafetensorsContent& content);

}  // namespace easel
