#pragma once

#include <utility>
#include <vector>

namespace easel {

/// The input that steers the denoiser: the text encoders' output for one row of text, or with guidance for two, the
/// first of which is the unconditional one.
struct Conditioning {
    int rows = 0;
    /// 77 for each piece of the prompt.
    int tokens = 0;
    /// Columns of an embedding.
    int width = 0;
    /// [rows, tokens, width]
    std::vector<float> text;
    /// [rows, pooled width] and [rows, ids]: added to the timestep in larger families. Empty in Stable Diffusion 1.x.
    std::vector<float> pooled, size_ids;
    /// The guidance scale, for a UNet that takes it itself.
    double guidance_scale = 1.0;
    /// [channels, height, width]: what the UNet takes behind the latents, unscaled; [rows, channels, height, width] for
    /// a UNet that takes latents for each row. Empty for most.
    std::vector<float> more_channels;
    /// Of each IP-Adapter: [rows, tokens, width], and how much it counts.
    std::vector<std::pair<std::vector<float>, float>> image_prompts = {};
};

}  // namespace easel
