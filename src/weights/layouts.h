#pragma once

#include <filesystem>

#include "weights/checkpoint.h"

/// The readers of the two layouts, behind Checkpoint::open.
namespace easel {

/// Throws Error unless `folder` is a diffusers folder of Stable Diffusion 1.x.
Checkpoint open_diffusers_folder(const std::filesystem::path& folder);

/// Throws Error unless `file` is an original single file of Stable Diffusion 1.x.
Checkpoint open_single_file(const std::filesystem::path& file);

/// Throws Error where a network's config belongs to another family, or where the configs do not fit together; `where`
/// names the checkpoint.
void check_family(const TextEncoderConfig& text_encoder, const UNetConfig& unet, const VaeConfig& vae,
                  const std::string& where);

/// `tensor` as its diffusers name wants it: the VAE's attention projections as matrices [out, in], which original files
/// store as 1x1 convolutions.
TensorView as_diffusers_stores(TensorView tensor, std::string_view diffusers_name);

}  // namespace easel
