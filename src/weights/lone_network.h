#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "weights/configs.h"
#include "weights/dtype.h"
#include "weights/tiny_vae.h"
#include "weights/upscaler_file.h"

namespace easel {

/// A VAE by itself.
struct LoneVae {
    VaeConfig config;
    /// Whether a config.json says how it scales latents; of a file alone nothing does.
    bool states_scaling = false;
};

/// A tiny VAE, or one half of it.
struct LoneTinyVae {
    int latent_channels = 0, downsampling = 0;
    bool has_decoder = false, has_encoder = false;
};

/// A network that is no whole model, as far as its files tell what it is.
struct LoneNetwork {
    std::filesystem::path path;
    std::variant<LoneVae, LoneTinyVae, ControlNetConfig, UpscalerConfig> network;
    /// The families that it can belong to, "Stable Diffusion 1.x", ...; empty where nothing in its files shows any, as
    /// of upscalers.
    std::vector<std::string> families;
    bool is_folder = false;
    std::set<DType> dtypes;
    std::uint64_t weight_bytes = 0;
    /// Sentences about what was found and not used.
    std::vector<std::string> notes;

    /// "vae", "tiny_vae", "controlnet", "upscaler"
    std::string_view kind() const;
    /// "a VAE for Stable Diffusion XL: latents of 4 channels, one for 8 x 8 pixels, ..., single file, F16, 167.3 MB"
    std::string description() const;
};

/// The VAE, the tiny VAE, the ControlNet or the upscaler at `path`, a file or a folder; none if it is something else.
/// Throws Error if it is one of these and damaged, or of a kind that easel cannot run.
std::optional<LoneNetwork> find_lone_network(const std::filesystem::path& path);

}  // namespace easel
