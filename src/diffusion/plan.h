#pragma once

#include <cstddef>
#include <vector>

#include "diffusion/forward_process.h"
#include "diffusion/scheduler_config.h"

namespace easel {

/// Everything that a sampler determines before its first step.
struct SamplingPlan {
    /// Found sound.
    SchedulerConfig config;
    /// Of ddim and tcd, 0 to 1; see Request::eta.
    double eta = 0.0;
    int steps = 0;
    int calls_per_step = 1;
    /// The timestep that the network is given at each call.
    std::vector<double> timesteps;
    /// The noise level at each call.
    std::vector<NoiseLevel> levels;
    /// One more than timesteps, or empty if the sampler does not use sigmas.
    std::vector<double> sigmas;
    double initial_noise_scale = 1.0;
    /// alpha_bar of each training timestep if the sampler uses whole timesteps; otherwise empty.
    std::vector<double> alphas_cumprod;

    /// Image to image: the index to begin at, so that about `strength` (0 to 1) of the steps are taken.
    /// timesteps.size() if that is none; pndm always keeps the call that it makes in addition to the steps.
    std::size_t first_step(double strength) const;

    /// How many calls there are at or above the timestep at which a part of the noise is gone, 0 to 1: diffusers'
    /// denoising_end.
    std::size_t calls_until(double part) const;
    /// The index of the first call below that timestep: diffusers' denoising_start. A sampler that calls twice for each
    /// step begins with the whole step before it.
    std::size_t first_call_after(double part) const;
};

// The ways to fill a plan's timesteps and noise levels, which SamplerKind::plan chooses from. `steps` is 1 to
// num_train_timesteps. They throw Error when the settings cannot be honoured with so many steps.

/// ddim, ddpm, pndm: whole timesteps, variance preserving.
SamplingPlan plan_by_timesteps(const SchedulerConfig& config, int steps, std::vector<double> timesteps);

/// lcm, tcd: the same, with timesteps of the distillation, evenly spread, beginning with the last.
SamplingPlan plan_by_distillation(const SchedulerConfig& config, int steps);

/// lms, euler, euler_a, heun, dpmpp_sde: x = x_0 + sigma * epsilon, timesteps may be fractions.
SamplingPlan plan_by_sigmas(const SchedulerConfig& config, int steps);

/// How diffusers' solvers differ if the sigmas are not discrete.
struct SolverPlanning {
    /// Whether the timesteps of Karras' and Lu's sigmas are rounded, not truncated, with squaredcos_cap_v2 too.
    bool rounds_with_every_beta_schedule = false;
    /// Whether FinalSigmas::sigma_min is the least of the chosen sigmas, not of the training's.
    bool ends_where_its_own_sigmas_do = false;
};

/// dpmpp_2m and its variants, dpmpp_2s, deis, unipc: variance preserving, but expressed in sigmas.
SamplingPlan plan_for_solver(const SchedulerConfig& config, int steps, SolverPlanning planning = {});

}  // namespace easel
