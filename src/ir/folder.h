#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "weights/configs.h"
#include "weights/family.h"

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

    /// The model at `path`, or none if it is not a folder of either kind. A folder that also holds the UNet's own
    /// weights (.safetensors) does not count: they contain more. The files of the first kind may be in a folder
    /// `model`. Throws Error if a config is broken or a part other than the encoder, which only init pictures need, is
    /// missing, or if the configs do not go together.
    static std::optional<IrFolder> find(const std::filesystem::path& path);

    Kind kind = Kind::optimum;
    std::filesystem::path path;
    std::string name;
    Family family = Family::stable_diffusion_1;
    /// The first or only text encoder's; in the refiner's folder this is the second one.
    IrFiles text_encoder;
    std::optional<IrFiles> text_encoder_2;
    IrFiles unet, vae_decoder, vae_encoder;
    /// Whether zeros stand for no negative prompt.
    bool zeros_for_no_negative = false;

    /// Of the kind `optimum`; of the first text encoder only if the folder has it.
    std::optional<TextEncoderConfig> text_encoder_config, text_encoder_2_config;
    std::optional<UNetConfig> unet_config;
    std::optional<VaeConfig> vae_config;
    /// The texts of scheduler/scheduler_config.json and of easel.json, if they exist.
    std::optional<std::string> scheduler_config, easel_json;
    /// Sentences about what was found and not used.
    std::vector<std::string> notes;
};

}  // namespace easel
