#include "explain/backward_line.h"

#include <cmath>
#include <cstddef>

#include "diffusion/forward_process.h"
#include "diffusion/schedule.h"
#include "explain/forward.h"

namespace easel {
namespace {

/// The line that tells `y` from `x` best.
BackwardLine fitted_line(std::span<const float> x, std::span<const float> y) {
    const double mean_x = moments_of(x).mean, mean_y = moments_of(y).mean;
    double xx = 0.0, xy = 0.0, yy = 0.0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        xx += (x[i] - mean_x) * (x[i] - mean_x);
        xy += (x[i] - mean_x) * (y[i] - mean_y);
        yy += (y[i] - mean_y) * (y[i] - mean_y);
    }
    const double slope = xy / xx;
    return {.slope = slope,
            .intercept = mean_y - slope * mean_x,
            .variance = (yy - slope * xy) / static_cast<double>(x.size() - 2)};
}

BackwardLine line_of(const Posterior& posterior, double x0) {
    return {.slope = posterior.of_sample, .intercept = posterior.of_x0 * x0, .variance = posterior.variance};
}

/// (x_t - b epsilon) / sqrt(1 - beta) with b = sqrt(beta) and epsilon = (x_t - signal x_0) / noise.
BackwardLine beta_epsilon_line(double beta, NoiseLevel level, double x0, double variance) {
    const double share = std::sqrt(beta) / level.noise, alpha = std::sqrt(1.0 - beta);
    return {.slope = (1.0 - share) / alpha, .intercept = share * level.signal * x0 / alpha, .variance = variance};
}

}  // namespace

std::vector<BackwardComparison> compare_backward_lines(double x0, std::span<const double> betas,
                                                       std::span<const int> timesteps, int draws,
                                                       const NoiseSource& noise) {
    const std::vector<double> alphas_cumprod = make_alphas_cumprod(betas);
    const std::vector<float> clean(static_cast<std::size_t>(draws), static_cast<float>(x0));
    std::vector<float> drawn(clean.size()), before(clean.size()), after(clean.size());
    std::vector<BackwardComparison> compared;
    for (const int t : timesteps) {
        noise(drawn);
        forward_jump(clean, drawn, variance_preserving(alphas_cumprod[t - 1]), before);
        noise(drawn);
        forward_step(before, drawn, betas[t], after);

        const Posterior exact = posterior(alphas_cumprod[t], alphas_cumprod[t - 1]);
        compared.push_back(
            {.timestep = t,
             .measured = fitted_line(after, before),
             .ddpm = line_of(exact, x0),
             .beta_epsilon = beta_epsilon_line(betas[t], variance_preserving(alphas_cumprod[t]), x0, exact.variance)});
    }
    return compared;
}

}  // namespace easel
