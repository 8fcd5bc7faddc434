#pragma once

#include <memory>

#include <openvino/core/model.hpp>

#include "weights/tiny_vae.h"

namespace easel {

/// The tiny autoencoder's decoder: input `latents` f32 [n, latent_channels, h, w], those of the diffusion model as they
/// are; output `sample` f32 [n, 3, d h, d w] with d = config.downsampling(), about -1..1. Throws Error when a weight is
/// missing or has another shape.
std::shared_ptr<ov::Model> build_tiny_vae_decoder(const Weights& weights, const TinyVaeConfig& config);

/// The encoder: input `sample` f32 [n, 3, height, width] in -1..1; output `latents` f32 [n, latent_channels, h, w].
std::shared_ptr<ov::Model> build_tiny_vae_encoder(const Weights& weights, const TinyVaeConfig& config);

}  // namespace easel
