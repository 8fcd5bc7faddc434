#pragma once

#include <filesystem>
#include <vector>

#include "weights/weights.h"

/// The tiny autoencoder (TAESD, https://github.com/madebyollin/taesd): maps pictures to the latents of a diffusion
/// model and back with a hundredth of the work of its VAE. Names are those of diffusers' AutoencoderTiny.
namespace easel {

/// Shapes, as the tensors tell them.
struct TinyVaeConfig {
    int latent_channels = 4;
    /// Channels of everything between pictures and latents.
    int width = 64;
    /// Residual blocks before and between the halvings of the encoder, and before and between the doublings of the
    /// decoder.
    std::vector<int> encoder_blocks, decoder_blocks;

    /// How many times a picture's side is its latents' side.
    int downsampling() const { return 1 << (static_cast<int>(decoder_blocks.size()) - 1); }
};

/// A tiny autoencoder's files, opened but not read.
struct TinyVae {
    TinyVaeConfig config;
    /// Its tensors "decoder.layers.0.weight", ...; those of the encoder too if it was found.
    Weights weights;
    bool has_encoder = false;
};

/// Opens a decoder in the original's names (taesd_decoder.safetensors), with the encoder in the file beside it that has
/// "encoder" in its name for "decoder", if there is one; or a file or a folder of diffusers' AutoencoderTiny, which has
/// both. Throws Error naming what the file is if it is none of these, and if the two do not belong together.
TinyVae open_tiny_vae(const std::filesystem::path& path);

/// Opens an encoder in the original's names (taesd_encoder.safetensors) by itself, to tell what it is: without a
/// decoder there are no `decoder_blocks`. Throws Error if it is damaged.
TinyVae open_tiny_vae_encoder(const std::filesystem::path& path);

/// Whether a file of these tensors is such an encoder.
bool is_tiny_vae_encoder(const SafetensorsFile& file);

}  // namespace easel
