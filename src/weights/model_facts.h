#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace easel {

/// Height and width of latents.
struct LatentSize {
    int height = 0;
    int width = 0;
    bool operator==(const LatentSize&) const = default;
};

/// What the work around the networks has to know of a model, in whatever form its networks come.
struct ModelFacts {
    std::filesystem::path path;
    /// Short name for a picture's metadata.
    std::string name;
    /// One line for a person.
    std::string description;

    /// Layers of the text encoder that clip_skip can choose from; none where only the last one's output is there.
    std::optional<int> text_layers;
    /// Positions of the text encoder.
    int token_count = 77;
    /// Tokens that the text encoder knows, where that can be told.
    std::optional<int> vocabulary_size;

    int latent_channels = 4;
    /// How many times a picture's side is its latents' side.
    int scale = 8;
    /// Latents are what the VAE's encoder gives, less `shift_factor`, times `scaling_factor`.
    double scaling_factor = 0.18215;
    double shift_factor = 0.0;
    /// Whether the decoder takes latents as they are and undoes the scaling itself.
    bool decoder_unscales = false;

    /// What the model was trained on.
    LatentSize native_size;
    /// Whether it can draw in no other size.
    bool fixed_size = false;
    /// Where a size is not asked for but chosen, its sides are multiples of this many latents.
    int size_step = 1;

    /// Steps that a picture takes where neither a person nor the model says how many.
    int usual_steps = 32;
    /// The text of the model's scheduler_config.json, and of its easel.json.
    std::optional<std::string> scheduler_config, easel_json;
    /// Sentences about what was found and not used.
    std::vector<std::string> notes;
};

}  // namespace easel
