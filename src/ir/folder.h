#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "weights/configs.h"

namespace easel {

/// A network as OpenVINO IR on disk.
struct IrFiles {
    std::filesystem::path xml, bin;
};

/// A model whose networks are OpenVINO IR: found, its configurations read, its networks not.
struct IrFolder {
    /// `openvino_2022`: text_encoder, unet, vae_decoder and vae_encoder as .xml and .bin side by side, without configs.
    /// `optimum`: a folder for each, as optimum-intel exports them, with the configs of a diffusers folder.
    enum class Kind { openvino_2022, optimum };

    /// The model at `path`, or none where it is no folder of either kind. A folder that also holds the UNet's own
    /// weights (.safetensors) is none: they say more. The files of the first kind may lie in a folder `model`.
    /// Throws Error when a config is broken or a part is missing, other than the encoder, which only pictures need.
    static std::optional<IrFolder> find(const std::filesystem::path& path);

    Kind kind = Kind::optimum;
    std::filesystem::path path;
    std::string name;
    IrFiles text_encoder, unet, vae_decoder, vae_encoder;

    /// Of the kind `optimum`.
    std::optional<UNetConfig> unet_config;
    std::optional<VaeConfig> vae_config;
    /// The texts of scheduler/scheduler_config.json and of easel.json, where they are there.
    std::optional<std::string> scheduler_config, easel_json;
    /// Sentences about what was found and not used.
    std::vector<std::string> notes;
};

}  // namespace easel
