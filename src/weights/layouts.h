#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/diffusers_layout.h"
#include "weights/checkpoint.h"
#include "weights/names.h"

/// The readers of the two layouts, behind Checkpoint::open.
namespace easel {

/// Keys of a single file's metadata: for the configs, which shapes alone do not determine, {"text_encoder": {...},
/// "unet": {...}, "vae": {...}}, and for a scheduler_config.json.
inline constexpr const char* config_key = "easel.config";
inline constexpr const char* scheduler_config_key = "easel.scheduler_config";

/// Whether zeros stand for no negative prompt: a key of a model_index.json, and of the configs in a single file.
inline constexpr const char* force_zeros_key = "force_zeros_for_empty_prompt";

/// The folder of a family's first or only text encoder.
inline const PartFolder& first_text_encoder_folder(Family family) {
    return family == Family::stable_diffusion_xl_refiner ? refiner_text_encoder_folder : text_encoder_folder;
}

/// Throws Error unless `folder` is a diffusers folder of a family that easel draws with.
Checkpoint open_diffusers_folder(const std::filesystem::path& folder);

/// Throws Error unless `file` is an original single file of a family that easel draws with.
Checkpoint open_single_file(const std::filesystem::path& file);

/// Throws Error unless the folder's model_index.json names a pipeline of networks that easel draws with. Returns a
/// sentence if the pipeline does more than easel does.
std::vector<std::string> check_model_index(const std::filesystem::path& folder);

/// The folder's own name, even if the path ends in "/" or ".."; the model's name if the folder is a snapshot in the
/// cache of a hub's models.
std::string last_component(const std::filesystem::path& folder);

/// Throws Error if the networks are of a family or a variant that is not supported, or do not fit together; `where`
/// names the checkpoint.
void check_parts(const TextEncoderConfig& text_encoder, const UNetConfig& unet, const VaeConfig& vae, Family family,
                 const std::string& where, const TextEncoderConfig* text_encoder_2 = nullptr);

/// Adds a tensor of `file` to `weights` as diffusers stores it: the VAE's attention projections, which original files
/// have as 1x1 convolutions, as matrices [out, in]; `position_ids`, a constant that older files carry, not at all.
void add_as_diffusers_stores(Weights& weights, const std::string& diffusers_name, TensorView tensor,
                             const SafetensorsFile& file);

/// A network in its folder, `config.json` and weights; a choice among several files is added to `notes`.
Network<TextEncoderConfig> text_encoder_in_folder(const std::filesystem::path& folder, std::vector<std::string>& notes);
Network<TextEncoderConfig> text_encoder_2_in_folder(const std::filesystem::path& folder,
                                                    std::vector<std::string>& notes);
Network<UNetConfig> unet_in_folder(const std::filesystem::path& folder, std::vector<std::string>& notes);
Network<ControlNetConfig> controlnet_in_folder(const std::filesystem::path& folder, std::vector<std::string>& notes);
Network<VaeConfig> vae_in_folder(const std::filesystem::path& folder, std::vector<std::string>& notes);

}  // namespace easel
