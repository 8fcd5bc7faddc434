#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "diffusion/sampler.h"

namespace easel {

// A closer look at the way back, for any network.

/// What a network predicts for a noisy sample at a timestep.
using Predictor = std::function<std::vector<float>(std::span<const float> sample, double timestep)>;

/// A sample at a timestep, the noise in it, and the network's predictions of that noise and of x_0.
struct Estimate {
    int timestep = 0;
    std::vector<float> sample, noise, predicted_noise, predicted_x0;
    /// Root mean square of predicted_noise - noise; that of the noise is about 1.
    double noise_error = 0.0;
    /// The same of predicted_x0 - x_0.
    double x0_error = 0.0;
};

/// Root mean square of a - b.
double rms_difference(std::span<const float> a, std::span<const float> b);

/// Mixes `clean` with the same noise at each timestep, and asks the network.
std::vector<Estimate> estimate_noise(std::span<const float> clean, std::span<const double> alphas_cumprod,
                                     std::span<const int> timesteps, PredictionType type, const Predictor& predict,
                                     const NoiseSource& noise);

/// The path of a sampler: what the network was given at each call, and the end.
struct Path {
    std::vector<double> timesteps;
    std::vector<std::vector<float>> shown;
    std::vector<float> end;
};

/// Runs `sampler` from its timestep `first` on.
Path follow(Sampler& sampler, std::size_t first, std::vector<float> latents, const Predictor& predict,
            const NoiseSource& noise);

/// Root mean square.
double rms(std::span<const float> values);

}  // namespace easel
