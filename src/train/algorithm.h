#pragma once

#include "train/noise_schedule.h"
#include "train/unet.h"

namespace easel::train {

/// What a training step draws beside the pictures: line 3 and 4 of Algorithm 1.
struct Draws {
    /// int64 [n].
    Tensor timesteps;
    /// Standard normal, of the latents' shape.
    Tensor noise;
};

/// Draws for `shape` [n, channels, h, w]: the timesteps spread evenly over all within the batch, so that its loss
/// depends less on which ones came up, each uniform by itself.
Draws draw(torch::IntArrayRef shape, std::int64_t timesteps, torch::Generator& generator);

/// Algorithm 1 of Ho et al. 2020 up to its gradient step: the squared error of the UNet's prediction for each of the
/// latents `x0` [n, channels, h, w], which `text` [n, tokens, width] describes. Returns [n].
Tensor squared_errors(UNet& unet, const NoiseSchedule& schedule, const Tensor& x0, const Tensor& text,
                      const Draws& draws);

}  // namespace easel::train
