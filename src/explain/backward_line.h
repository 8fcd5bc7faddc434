#pragma once

#include <span>
#include <vector>

#include "diffusion/sampler.h"

namespace easel {

/// The distribution of x_{t-1}, given x_t and x_0: a Gaussian of mean slope * x_t + intercept and this variance.
struct BackwardLine {
    double slope = 0.0;
    double intercept = 0.0;
    double variance = 0.0;
};

/// One step back at a timestep: as measured from pairs (x_{t-1}, x_t) of the forward process, by DDPM, and by the rule
/// that subtracts beta epsilon in the notation with alpha^2 + beta^2 = 1 (with the noise that x_t and x_0 imply).
struct BackwardComparison {
    int timestep = 0;
    BackwardLine measured, ddpm, beta_epsilon;
};

/// Draws `draws` pairs at each timestep (none may be 0), and fits a line through them by least squares.
std::vector<BackwardComparison> compare_backward_lines(double x0, std::span<const double> betas,
                                                       std::span<const int> timesteps, int draws,
                                                       const NoiseSource& noise);

}  // namespace easel
