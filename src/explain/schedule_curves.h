#pragma once

#include <string>
#include <vector>

#include "diffusion/scheduler_config.h"

namespace easel {

/// A noise schedule over the training timesteps.
struct ScheduleCurves {
    std::string name;
    std::vector<double> beta;
    /// The products of 1 - beta.
    std::vector<double> alpha_bar;
    /// alpha_bar / (1 - alpha_bar): signal to noise, as powers.
    std::vector<double> snr;
    /// sqrt((1 - alpha_bar) / alpha_bar): noise to signal, as amplitudes.
    std::vector<double> sigma;
};

/// linear, scaled_linear and squaredcos_cap_v2 between the configuration's betas, and the sigmas of Karras et al. 2022
/// between the ends of scaled_linear, as many as there are timesteps, with the betas that would lead there.
std::vector<ScheduleCurves> schedule_curves(const SchedulerConfig& config);

}  // namespace easel
