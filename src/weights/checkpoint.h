#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "weights/configs.h"
#include "weights/family.h"
#include "weights/weights.h"

namespace easel {

/// One network of a checkpoint, wherever it comes from.
template <typename Config>
struct Network {
    Config config;
    Weights weights;
};

/// A model on disk, of a family that easel draws with, opened but not read: its weights are views of mapped files.
/// Each network can come from another model with the same inputs and outputs, such as a VAE from a separate file.
struct Checkpoint {
    enum class Layout { diffusers_folder, single_file };

    /// Opens a diffusers folder (with a `model_index.json`) or an original single file (`.safetensors`).
    /// Throws Error if `path` is neither, if a file is damaged, and, naming what it is, if it is a sound checkpoint of
    /// a kind that is not supported. Missing weights are detected when they are requested.
    static Checkpoint open(const std::filesystem::path& path);

    std::filesystem::path path;
    Layout layout = Layout::diffusers_folder;
    Family family = Family::stable_diffusion_1;
    /// Short name for a picture's metadata: the folder's name, or the file's without its extension.
    std::string name;

    Network<TextEncoderConfig> text_encoder;
    /// Of Stable Diffusion XL.
    std::optional<Network<TextEncoderConfig>> text_encoder_2;
    Network<UNetConfig> unet;
    Network<VaeConfig> vae;

    /// The text of `scheduler/scheduler_config.json`, if the model has one. For a single file that only says how it was
    /// trained, these fields only, without `_class_name`: it names no sampler.
    std::optional<std::string> scheduler_config;
    /// The folders of the text encoders' tokenizers, `tokenizer` and `tokenizer_2`, if the model has them.
    std::optional<std::filesystem::path> tokenizer_folder, tokenizer_2_folder;
    /// Whether zeros stand for no negative prompt ("force_zeros_for_empty_prompt" of the model_index.json).
    bool zeros_for_no_negative = false;
    /// The text of `easel.json`, the model's own defaults, if it has one.
    std::optional<std::string> easel_json;

    /// Sentences about what was found and not used.
    std::vector<std::string> notes;

    /// The weights of all its networks.
    std::vector<const Weights*> all_weights() const;
    std::uint64_t total_bytes() const;

    /// Every mapped file.
    MappedFiles files() const;

    /// One line for a person: family, layout, types, size, and what it predicts if that is not the noise.
    std::string description() const;
};

/// The family of a whole model in a single file, as the names of its tensors tell it; none if `path` is not such a
/// file. Throws Error if it is damaged.
std::optional<Family> family_of_single_file(const std::filesystem::path& path);

/// Open one network by itself: from a folder with its config.json and weights, from a whole model of either layout, or
/// from a `.safetensors` file that holds it alone, under original names with or without their prefix, or under
/// diffusers' with its config.json beside it (a VAE does without). Throw Error as Checkpoint::open does.
Network<TextEncoderConfig> open_text_encoder(const std::filesystem::path& path);
Network<UNetConfig> open_unet(const std::filesystem::path& path);
Network<VaeConfig> open_vae(const std::filesystem::path& path);

/// Opens a ControlNet: a folder with its config.json and weights, or a `.safetensors` file under original names, with
/// their prefix or without, or under diffusers'. What was found and not used is added to `notes`. Throws Error as
/// Checkpoint::open does.
Network<ControlNetConfig> open_controlnet(const std::filesystem::path& path, std::vector<std::string>& notes);

}  // namespace easel
