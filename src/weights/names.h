#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weights/configs.h"

namespace easel {

/// The beginning of a tensor's name in diffusers' layout and in another.
struct Rename {
    std::string_view diffusers, other;
};

/// A module that has another name in another layout, and the names inside it that differ.
struct ModuleNames {
    std::string diffusers, other;
    std::span<const Rename> inside;
};

/// The tensor names of one network in another layout, as a table of its modules that works in both directions. Names
/// that are not in the table are the same in both.
class NameTable {
  public:
    explicit NameTable(std::vector<ModuleNames> modules) : modules_(std::move(modules)) {}

    std::string to_diffusers(std::string_view other) const;
    std::string from_diffusers(std::string_view diffusers) const;

  private:
    std::vector<ModuleNames> modules_;
};

/// The UNet in original single files, below `model.diffusion_model.`. Blocks are numbered there across all levels, so
/// the names depend on levels, layers and attentions.
NameTable original_unet_names(const UNetConfig& config);
/// A ControlNet in original single files, below `control_model.` or without a prefix.
NameTable original_controlnet_names(const ControlNetConfig& config);
/// The VAE in original single files, below `first_stage_model.`. The decoder's levels are counted from the widest
/// picture.
NameTable original_vae_names(const VaeConfig& config);
/// The VAE's attention in diffusers folders written before version 0.17.
NameTable older_vae_names();
/// The text encoder without the prefix `text_model.`.
NameTable unprefixed_text_encoder_names();

/// The text encoder in OpenCLIP's names. What it has stacked, attn.in_proj_weight and attn.in_proj_bias, is the name of
/// the first of three: see from_open_clip().
NameTable open_clip_names();

}  // namespace easel
