#pragma once

#include <memory>

#include <openvino/core/model.hpp>

#include "weights/checkpoint.h"

namespace easel {

/// The decoder of diffusers' AutoencoderKL (Esser et al. 2021, Rombach et al. 2022): input `latents` f32
/// [n, latent_channels, h, w], unscaled (divided by the scaling factor); output `sample` f32 [n, 3, d h, d w] with
/// d = config.downsampling(), about -1..1. Throws Error when a weight is missing or has another shape.
std::shared_ptr<ov::Model> build_vae_decoder(const Weights& weights, const VaeConfig& config);

/// The encoder: input `sample` f32 [n, 3, height, width] in -1..1; output `moments` f32 [n, 2 latent_channels, h, w],
/// the means and then the logarithms of the variances.
std::shared_ptr<ov::Model> build_vae_encoder(const Weights& weights, const VaeConfig& config);

}  // namespace easel
