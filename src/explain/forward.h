#pragma once

#include <span>
#include <vector>

#include "diffusion/sampler.h"

namespace easel {

// A closer look at the forward process: x_0 grows noisy, step by step or in one jump. Timesteps count from 0, as in
// models, so x at timestep t has taken t + 1 steps.

/// One sample at some of the timesteps, in both ways; each has its own noise.
struct ForwardFilm {
    std::vector<int> timesteps;
    /// x_t for each timestep, made from x_{t-1}, which was made from the one before it, and so on.
    std::vector<std::vector<float>> stepped;
    /// x_t for each timestep, made from x_0.
    std::vector<std::vector<float>> jumped;
};

/// `betas` has one for each training timestep; `timesteps` rise and are indices into it.
ForwardFilm film_forward(std::span<const float> clean, std::span<const double> betas, std::span<const int> timesteps,
                         const NoiseSource& noise);

/// Measured over many draws.
struct Moments {
    double mean = 0.0;
    double variance = 0.0;
};

Moments moments_of(std::span<const float> values);

/// The moments of x_t in both ways, and those of theory: sqrt(alpha_bar) x_0 and 1 - alpha_bar.
struct ForwardMoments {
    int timestep = 0;
    Moments stepped, jumped, theory;
};

/// Takes one value x_0 through the forward process `draws` times.
std::vector<ForwardMoments> measure_forward(double x0, std::span<const double> betas, std::span<const int> timesteps,
                                            int draws, const NoiseSource& noise);

}  // namespace easel
