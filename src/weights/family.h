#pragma once

#include <span>
#include <string>
#include <string_view>

#include "weights/configs.h"

/// The families of models and the variants of their UNets, as tables. A new one needs a row in family.cpp and the code
/// for what its row asks for.
namespace easel {

enum class Family { stable_diffusion_1, stable_diffusion_2, stable_diffusion_xl, stable_diffusion_xl_refiner };

/// How a text encoder's tensors are named in single files.
enum class TextNames {
    /// As in transformers: CLIP-L.
    transformers,
    /// As in OpenCLIP: query, key and value in one tensor, the projection transposed.
    open_clip,
};

/// Which state of a text encoder the UNet is given.
enum class TextLayer { last, penultimate };

/// A text encoder of a family.
struct FamilyTextEncoder {
    /// Its folder in a diffusers folder.
    std::string_view folder;
    /// What its tensors' names may begin with in single files; the first is what is written.
    std::span<const std::string_view> prefixes;
    TextNames names;
    TextLayer layer;
    /// Whether the final layer norm is applied to that state.
    bool final_norm;
    /// Whether its pooled output conditions the UNet too.
    bool pooled;
    /// The id with which its tokenizer pads the row.
    int padding_id;
};

/// Whether the last layer of a text encoder is never computed, and diffusers' folders lack it: the norm follows the one
/// before.
constexpr bool has_unused_last_layer(const FamilyTextEncoder& row) {
    return row.layer == TextLayer::penultimate && row.final_norm;
}

/// How guidance weighs the prompt.
enum class GuidanceRows {
    /// Two rows, with and without the prompt (Ho & Salimans 2022).
    two,
    /// Three rows: prompt and picture, picture alone, neither (Brooks et al. 2022).
    three,
};

/// How the area that a mask keeps is preserved.
enum class Masking {
    /// Between two steps, by putting the noised picture back.
    between_steps,
    /// By the UNet itself, which is given the mask and the masked picture.
    in_the_unet,
};

/// What a UNet of a family takes in addition to the latents.
struct UNetVariant {
    /// In words, with the article: "an inpainting model"; empty for the plain one.
    std::string_view name;
    /// Its input channels are `times_latents` times the latents' channels, plus `more`.
    int times_latents, more;
    GuidanceRows guidance;
    Masking masking;
    /// Whether easel draws with it.
    bool is_drawn;
};

/// A family of models.
struct FamilyRow {
    Family family;
    /// In words: "Stable Diffusion XL".
    std::string_view name;
    std::span<const FamilyTextEncoder> text_encoders;
    /// The numbers in the vector of conditions that the UNet takes too (`label_emb` in single files): height and width
    /// of the original picture, its crop's top and left, and height and width of the target, or an aesthetic score; 0
    /// where there is no such vector.
    int size_ids;
    bool has_added_conditions() const { return size_ids > 0; }
    bool takes_aesthetic_score() const { return size_ids == 5; }
    /// Side of the pictures that the published models were trained on, in pixels: of those that predict noise, and of
    /// those that predict velocity.
    int native_side, native_side_of_velocity;
    /// Whether published models predict either, and in single files only their weights tell which.
    bool weights_tell_prediction;
    /// The VAE's; a single file does not contain it.
    double scaling_factor;
    /// The fields of the published models' scheduler_config.json.
    std::string_view scheduler_config;
    /// Whether easel draws with it.
    bool is_drawn;
};

std::span<const FamilyRow> families();
const FamilyRow& row_of(Family family);

/// What the networks' names begin with in single files; the first is what is written.
std::span<const std::string_view> unet_prefixes();
std::span<const std::string_view> vae_prefixes();

/// The families that easel draws with, for the end of a sentence: "Stable Diffusion 1.x is".
std::string drawn_families();

/// The variant of a UNet with that many input channels; null if no variant has that number.
const UNetVariant* unet_variant(int in_channels, int latent_channels);

/// The family of a folder's configs: determined by the width of the embeddings; Stable Diffusion 1.x by default.
Family family_of(const TextEncoderConfig& text_encoder, const UNetConfig& unet);

}  // namespace easel
