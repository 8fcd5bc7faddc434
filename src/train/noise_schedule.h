#pragma once

#include <torch/types.h>

#include "diffusion/scheduler_config.h"

namespace easel::train {

/// A noise schedule as torch indexes it: each [timesteps], float32.
struct NoiseSchedule {
    NoiseSchedule(const SchedulerConfig& config, torch::Device device);

    std::int64_t timesteps() const { return signal.size(0); }

    /// x_t = signal x_0 + noise epsilon: the square roots of alpha_bar and of 1 - alpha_bar.
    torch::Tensor signal, noise;
    PredictionType prediction_type;
};

}  // namespace easel::train
