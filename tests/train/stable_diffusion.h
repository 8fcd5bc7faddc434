#pragma once

#include "diffusion/scheduler_config.h"

namespace easel::testing {

/// The noise schedule of Stable Diffusion 1.x.
inline SchedulerConfig stable_diffusion(PredictionType prediction_type = PredictionType::epsilon) {
    SchedulerConfig config;
    config.beta_start = 0.00085;
    config.beta_end = 0.012;
    config.beta_schedule = BetaSchedule::scaled_linear;
    config.prediction_type = prediction_type;
    return config;
}

}  // namespace easel::testing
