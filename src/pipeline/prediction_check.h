#pragma once

#include <optional>
#include <span>
#include <string>

#include "diffusion/forward_process.h"

namespace easel {

/// A sentence when a prediction made at a timestep of almost pure noise does not look like one of `type`; none when it
/// does, or when `level` is too clean to tell. There the noise is nearly the input itself, so a UNet that predicts
/// epsilon gives back its input, and one that predicts v or the sample gives something unlike it: v is
/// signal * epsilon - noise * x_0. `input` is what the UNet was shown; both spans have one length.
std::optional<std::string> doubt_about(PredictionType type, std::span<const float> prediction,
                                       std::span<const float> input, NoiseLevel level);

}  // namespace easel
