#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "weights/checkpoint.h"

/// The readers of the two layouts, behind Checkpoint::open.
namespace easel {

/// How the tensors' names of each network begin in an original single file.
inline constexpr std::string_view unet_prefix = "model.diffusion_model.";
inline constexpr std::string_view vae_prefix = "first_stage_model.";
inline constexpr std::string_view text_encoder_prefix = "cond_stage_model.transformer.";
/// Keys of a single file's metadata: for the configs that shapes cannot tell, {"text_encoder": {...}, "unet": {...},
/// "vae": {...}}, and for a scheduler_config.json.
inline constexpr const char* config_key = "easel.config";
inline constexpr const char* scheduler_config_key = "easel.scheduler_config";

/// Throws Error unless `folder` is a diffusers folder of Stable Diffusion 1.x.
Checkpoint open_diffusers_folder(const std::filesystem::path& folder);

/// Throws Error unless `file` is an original single file of Stable Diffusion 1.x.
Checkpoint open_single_file(const std::filesystem::path& file);

/// Throws Error unless the folder's model_index.json tells of networks of Stable Diffusion 1.x.
void check_model_index(const std::filesystem::path& folder);

/// The folder's own name, also where the path ends in "/" or ".."; the model's name where it is a snapshot in the cache
/// of a hub's models.
std::string last_component(const std::filesystem::path& folder);

/// Throws Error where a network's config belongs to another family, or where the configs do not fit together; `where`
/// names the checkpoint.
void check_family(const TextEncoderConfig& text_encoder, const UNetConfig& unet, const VaeConfig& vae,
                  const std::string& where);

/// Adds a tensor of `file` to `weights` as diffusers stores it: the VAE's attention projections, which original files
/// have as 1x1 convolutions, as matrices [out, in]; `position_ids`, a constant that older files carry, not at all.
void add_as_diffusers_stores(Weights& weights, const std::string& diffusers_name, TensorView tensor,
                             const SafetensorsFile& file);

}  // namespace easel
