#pragma once

#include <span>
#include <vector>

#include "diffusion/sampler.h"

namespace easel {

// The forward process looked at: x_0 grows noisy, one small step after another or in one jump. Timesteps count from 0,
// as models count them, so x at timestep t has taken t + 1 steps.

/// One sample at some of the timesteps, by both ways; each way has noise of its own.
struct ForwardFilm {
    std::vector<int> timesteps;
    /// For each timestep x_t, made from x_{t-1} and that from the one before it.
    std::vector<std::vector<float>> stepped;
    /// For each timestep x_t, made from x_0.
    std::vector<std::vector<float>> jumped;
};

/// `betas` has one for each training timestep; `timesteps` rise and are indices into it.
ForwardFilm film_forward(std::span<const float> clean, std::span<const double> betas, std::span<const int> timesteps,
                         const NoiseSource& noise);

/// What is measured of many draws.
struct Moments {
    double mean = 0.0;
    double variance = 0.0;
};

Moments moments_of(std::span<const float> values);

/// The moments of x_t by both ways, and those of theory: sqrt(alpha_bar) x_0 and 1 - alpha_bar.
struct ForwardMoments {
    int timestep = 0;
    Moments stepped, jumped, theory;
};

/// Takes one value x_0 through the forward process `draws` times.
std::vector<ForwardMoments> measure_forward(double x0, std::span<const double> betas, std::span<const int> timesteps,
                                            int draws, const NoiseSource& noise);

}  // namespace easel
