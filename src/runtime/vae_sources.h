#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "runtime/network_source.h"

/// Where the two halves of an autoencoder come from.
namespace easel {

/// The decoder and the encoder of a VAE. The decoder is built here once, to find problems with weights before anything
/// slow begins; weights that nothing uses are added to `notes`.
VaeSource vae_decoder_of(const Network<VaeConfig>& network, std::vector<std::string>& notes);
VaeSource vae_encoder_of(Network<VaeConfig> network);

/// Gives a model the VAE at `path`: a folder with its config.json, a whole model, or a file that holds it alone, which
/// says nothing of its scaling factor, so that the model's counts. Throws Error naming `vae` if it is none, or of
/// another shape or scaling than the model's own.
void use_vae(ModelNetworks& networks, const std::filesystem::path& path);

/// Gives a model the tiny VAE at `path` (see open_tiny_vae). Without the tiny VAE's encoder the model keeps its own.
/// Throws Error naming `taesd` if it is none, or does not fit the model's latents.
void use_tiny_vae(ModelNetworks& networks, const std::filesystem::path& path);

/// Has previews decoded by the tiny VAE at `path`, and nothing else. Throws as use_tiny_vae(), naming `preview_taesd`.
void use_tiny_vae_for_previews(ModelNetworks& networks, const std::filesystem::path& path);

}  // namespace easel
