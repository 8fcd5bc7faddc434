#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "weights/checkpoint.h"

namespace easel {

/// An IP-Adapter of the base form (Ye et al. 2023), opened for a UNet.
struct IpAdapterFile {
    std::filesystem::path path;
    /// Columns of a picture's embedding, and of a token.
    int image_width = 0, token_width = 0;
    /// How many tokens a picture becomes.
    int tokens = 0;
    /// [tokens * token_width, image_width] and so many, and those of the norm over each token.
    std::vector<float> projection, projection_bias, norm_weight, norm_bias;
    /// For each cross attention of the UNet, `attn2.to_k_ip.weight` and `attn2.to_v_ip.weight` behind its name.
    Weights weights;
};

/// Opens a `.safetensors` file with `image_proj.*` and `ip_adapter.N.to_k_ip.weight`, N counting the attentions as
/// diffusers does: those of the way down, of the way up, of the middle. Throws Error: `unsupported` if it is of another
/// form or for another UNet, `damaged` if it is broken.
IpAdapterFile open_ip_adapter(const std::filesystem::path& path, const UNetConfig& unet);

/// What a picture's embedding [image_width] becomes: [tokens, token_width].
std::vector<float> image_tokens(const IpAdapterFile& adapter, std::span<const float> embedding);

/// Reads an embedding, the only tensor of a `.safetensors` file. Throws Error unless it has `width` numbers.
std::vector<float> read_image_embedding(const std::filesystem::path& path, int width);

}  // namespace easel
