#pragma once

#include <array>
#include <string>
#include <string_view>

/// What the files of a diffusers folder are called.
namespace easel {

/// A network's folder.
struct PartFolder {
    const char* name;
    /// What its weights are called, without the ending.
    const char* stem;
    /// In words: "text encoder".
    const char* network;
};
inline constexpr PartFolder text_encoder_folder = {"text_encoder", "model", "text encoder"};
inline constexpr PartFolder text_encoder_2_folder = {"text_encoder_2", "model", "second text encoder"};
/// Stable Diffusion XL's refiner has the second one alone.
inline constexpr PartFolder refiner_text_encoder_folder = {"text_encoder_2", "model", "text encoder"};
inline constexpr PartFolder unet_folder = {"unet", "diffusion_pytorch_model", "UNet"};
inline constexpr PartFolder controlnet_folder = {"controlnet", "diffusion_pytorch_model", "ControlNet"};
inline constexpr PartFolder vae_folder = {"vae", "diffusion_pytorch_model", "VAE"};

/// The variants of weights, in the order in which they are looked for: the plain one has no name.
inline constexpr std::array<std::string_view, 3> weight_variants = {"", "fp16", "bf16"};

/// The file of weights that are in one: "model.fp16.safetensors".
std::string weight_file(std::string_view stem, std::string_view variant = "");

/// The index of weights that are in several files. Both spellings are in use: "model.safetensors.index.fp16.json" and
/// "model.fp16.safetensors.index.json".
std::array<std::string, 2> shard_indices(std::string_view stem, std::string_view variant = "");

/// The number of files that weights are in, from the name of one: 2 of "model.fp16-00001-of-00002.safetensors" and
/// "model-00001-of-00002.fp16.safetensors". 0 for another file.
int shard_count(std::string_view file, std::string_view stem, std::string_view variant = "");

}  // namespace easel
