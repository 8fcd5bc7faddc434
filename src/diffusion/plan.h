#pragma once

#include <span>
#include <vector>

#include "diffusion/process.h"
#include "diffusion/scheduler_config.h"

namespace easel {

/// All that a sampler fixes before its first step.
struct SamplingPlan {
    /// What the network is told at each call.
    std::vector<double> timesteps;
    /// The noise level at each call.
    std::vector<NoiseLevel> levels;
    /// One more than timesteps, or empty where the sampler does not count in sigmas.
    std::vector<double> sigmas;
    double initial_noise_scale = 1.0;
    int steps = 0;
    int calls_per_step = 1;
};

/// ddim, ddpm, pndm, lcm: whole timesteps, variance preserving.
SamplingPlan plan_by_timesteps(const SchedulerConfig& config, int steps, std::vector<double> timesteps,
                               std::span<const double> alphas_cumprod);

/// lms, euler, euler_a, heun: x = x_0 + sigma * epsilon, timesteps may be fractions.
SamplingPlan plan_by_sigmas(const SchedulerConfig& config, int steps);

/// dpmpp_2m, unipc: variance preserving, but counted in sigmas.
SamplingPlan plan_for_solver(const SchedulerConfig& config, int steps);

}  // namespace easel
