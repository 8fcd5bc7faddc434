#pragma once

#include "networks/nn.h"

namespace easel::nn {

// The two parts of FreeU (Si et al. 2023), as in diffusers' apply_freeu().

/// The first half of the channels times `by`.
Tensor with_weighed_backbone(Tensor x, int channels, double by);

/// The lowest frequencies of each channel [height, width] times `by`: those of -1 and 0 periods a side.
Tensor with_weighed_low_frequencies(Tensor x, double by);

}  // namespace easel::nn
