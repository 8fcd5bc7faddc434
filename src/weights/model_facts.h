#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "weights/few_steps.h"

namespace easel {

/// Height and width of latents.
struct LatentSize {
    int height = 0;
    int width = 0;
    bool operator==(const LatentSize&) const = default;
};

/// Which model it is.
struct ModelIdentity {
    std::filesystem::path path;
    /// Short name for a picture's metadata.
    std::string name;
    /// The name of the VAE, if it is not the model's own.
    std::string vae = {};
    /// Its family in words, as FamilyRow has it.
    std::string family;
    /// "diffusers folder", "single file", "OpenVINO IR (...)"
    std::string layout;
    /// The stored size of all networks' weights together.
    std::uint64_t weight_bytes = 0;
    /// One line for a person.
    std::string description;
};

/// What each channel of latents adds to red, green and blue in -1..1.
using LatentColours = std::vector<std::array<float, 3>>;

/// That of Stable Diffusion 1.x, fitted to its VAE for previews. Source: "Decoding latents to RGB without upscaling",
/// discuss.huggingface.co (2022).
inline LatentColours stable_diffusion_1_colours() {
    return {{0.298f, 0.207f, 0.208f}, {0.187f, 0.286f, 0.173f}, {-0.158f, 0.189f, 0.264f}, {-0.184f, -0.271f, -0.473f}};
}

/// That of Stable Diffusion XL. Source: ComfyUI's latent_formats.py (SDXL), without its constant part.
inline LatentColours stable_diffusion_xl_colours() {
    return {{0.3651f, 0.4232f, 0.4341f},
            {-0.2533f, -0.0042f, 0.1068f},
            {0.1076f, 0.1111f, -0.0362f},
            {-0.3165f, -0.2492f, -0.2188f}};
}

/// The space that the VAE maps pictures to.
struct LatentSpace {
    int channels = 4;
    /// How many times a picture's side is its latents' side (f of Rombach et al. 2022).
    int downsampling = 8;
    /// Latents are what the VAE's encoder gives, less `shift_factor`, times `scaling_factor`.
    double scaling_factor = 0.18215;
    double shift_factor = 0.0;
    /// Whether the decoder takes latents as they are and undoes the scaling itself.
    bool decoder_unscales = false;
    /// Whether the encoder gives latents as they are, where others give moments to draw them from.
    bool encoder_gives_latents = false;
    /// For previews: of each channel; empty if not known.
    LatentColours colours;
    /// Whether the VAE overflows in f16, and is computed in f32 then.
    bool overflows_in_f16 = false;
};

/// The sizes that a model draws.
struct SizeFacts {
    /// What the model was trained on.
    LatentSize native;
    /// Whether it can draw no other size.
    bool fixed = false;
    /// If a size is not asked for but chosen, its sides are multiples of this many latents.
    int step = 1;
};

/// What a model's text encoder takes.
struct TextFacts {
    /// Layers that clip_skip can choose from; none if the network gives the last one's output alone.
    std::optional<int> layers;
    /// Positions.
    int token_count = 77;
    /// The size of its vocabulary, if known.
    std::optional<int> vocabulary_size;
    /// Columns of a token's embedding, if known.
    std::optional<int> width;
    /// Whether there are two text encoders, with a tokenizer each, and of the first one's embeddings the columns.
    bool is_double = false;
    /// Whether a pooled vector of the text conditions the UNet too, which is told sizes then.
    bool is_pooled = false;
    int first_width = 0;
    /// Whether zeros stand for no negative prompt.
    bool zeros_for_no_negative = false;
};

/// What the code around the networks needs to know about a model, independent of the form of its networks.
struct ModelFacts {
    ModelIdentity identity;
    LatentSpace latents;
    SizeFacts sizes;
    TextFacts text;

    /// Set if the model was distilled to few steps.
    std::optional<FewSteps> few_steps;
    /// Whether the UNet takes the guidance scale itself, and no second row.
    bool takes_guidance = false;
    /// How the area that a mask keeps is preserved.
    Masking masking = Masking::between_steps;
    /// Whether the UNet is told an aesthetic score in place of the size to draw.
    bool takes_aesthetic_score = false;
    /// How guidance weighs the prompt.
    GuidanceRows guidance = GuidanceRows::two;
    /// Whether it changes the init picture as the prompt says, which its UNet is shown beside the latents
    /// (InstructPix2Pix; Brooks et al. 2022).
    bool edits_pictures() const { return guidance == GuidanceRows::three; }

    /// The number of steps if neither the request nor the model has one.
    int usual_steps = 32;
    /// The text of the model's scheduler_config.json, and of its easel.json.
    std::optional<std::string> scheduler_config, easel_json;
    /// Sentences about what was found and not used.
    std::vector<std::string> notes;
};

}  // namespace easel
