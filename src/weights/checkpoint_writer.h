#pragma once

#include <filesystem>
#include <string>

#include "weights/checkpoint.h"

namespace easel {

/// A network's config as its `config.json` holds it; what reads it gives an equal one.
std::string config_text(const TextEncoderConfig& config);
std::string config_text(const UNetConfig& config);
std::string config_text(const VaeConfig& config);

/// The model's scheduler_config.json; what it leaves open is as its family was published.
std::string scheduler_config_text(const Checkpoint& checkpoint);

/// The text of a model_index.json that names diffusers' own classes for the networks.
std::string model_index_text(const Checkpoint& checkpoint);

/// Writes the networks of a diffusers folder, weights and configs, into the existing `folder`.
void write_diffusers_networks(const Checkpoint& checkpoint, const std::filesystem::path& folder);

/// Writes an original single file, with the configs in its metadata, and the scheduler's where the model has one.
void write_single_file(const Checkpoint& checkpoint, const std::filesystem::path& path, OutputFile::IfExists if_exists);

}  // namespace easel
