#pragma once

#include <vector>

#include <nlohmann/json.hpp>

#include "base/json_keys.h"

/// What the keys of the networks' `config.json` mean to easel. Source: the constructors of transformers' CLIPTextConfig
/// and PretrainedConfig and of diffusers' UNet2DConditionModel, ControlNetModel and
/// AutoencoderKL.
namespace easel {

KnownKeys text_encoder_keys();
KnownKeys unet_keys();
KnownKeys controlnet_keys();
KnownKeys vae_keys();

/// A number for each level as configs have them: one number where all are the same; 1 where there is none.
nlohmann::json shortest(const std::vector<int>& numbers);

}  // namespace easel
