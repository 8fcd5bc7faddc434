#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <easel/easel.h>

namespace easel {

/// What the settings text of a picture asks for.
struct StoredSettings {
    /// The settings to draw with; `init_image` and `mask` are never in a text.
    Request request;
    /// EngineOptions::precision, if easel drew the picture.
    std::optional<std::string> precision;
    /// The first digits of the hash of each file of `request.embeddings` and `request.loras`, which have only names; a
    /// LoRA's may be empty.
    std::vector<std::string> embedding_hashes, lora_hashes;
    /// Sentences about settings in the text that easel cannot use.
    std::vector<std::string> notes;
};

/// Reads a text as parameters_text() writes it, and as AUTOMATIC1111's web UI and stable-diffusion.cpp do: the prompt,
/// perhaps "Negative prompt: ...", both of any number of lines, and last "Steps: 20, Sampler: ..., Seed: 1, ...".
/// Throws Error when the last line holds no settings; `where` names the picture.
StoredSettings parse_parameters(std::string_view text, std::string_view where);

/// The entries of a text's last line in their order, quotes removed. Throws as parse_parameters() does.
std::vector<std::pair<std::string, std::string>> parameters_entries(std::string_view text, std::string_view where);

}  // namespace easel
