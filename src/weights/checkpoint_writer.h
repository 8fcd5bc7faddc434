#pragma once

#include <filesystem>
#include <string>

#include "weights/checkpoint.h"

namespace easel {

/// A network's config as the text of its `config.json`; reading it returns an equal config.
/// `projects`: whether its pooled output is used, which a projection gives.
std::string config_text(const TextEncoderConfig& config, bool projects = false);
std::string config_text(const UNetConfig& config);
std::string config_text(const VaeConfig& config);

/// The model's scheduler_config.json; fields that it lacks are those of the published models of its family.
std::string scheduler_config_text(const Checkpoint& checkpoint);

/// The text of a model_index.json that names diffusers' own classes for the networks.
std::string model_index_text(const Checkpoint& checkpoint);

/// Writes the networks of a diffusers folder, weights and configs, into the existing `folder`.
void write_diffusers_networks(const Checkpoint& checkpoint, const std::filesystem::path& folder);

/// Writes a VAE by itself, weights and config, into `folder`, which open_vae() reads.
void write_vae(const Network<VaeConfig>& vae, const std::filesystem::path& folder);

/// Writes an original single file, with the configs in its metadata, and the scheduler's if the model has one.
void write_single_file(const Checkpoint& checkpoint, const std::filesystem::path& path, OutputFile::IfExists if_exists);

}  // namespace easel
