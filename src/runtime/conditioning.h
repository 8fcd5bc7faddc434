#pragma once

#include <vector>

namespace easel {

/// What steers the denoiser: the text encoders' output for one row of text, or for two with guidance, of which the
/// first is the unconditional one.
struct Conditioning {
    int rows = 0;
    /// 77 for each piece of the prompt.
    int tokens = 0;
    /// Columns of an embedding.
    int width = 0;
    /// [rows, tokens, width]
    std::vector<float> text;
    /// [rows, pooled width] and [rows, ids]: what larger families add to the timestep. Empty in Stable Diffusion 1.x.
    std::vector<float> pooled, size_ids;
};

}  // namespace easel
