#pragma once

#include <span>
#include <vector>

#include "diffusion/scheduler_config.h"

namespace easel {

// The numbers of a noise schedule, one for each training timestep. They are kept as doubles but rounded to float32
// where diffusers rounds: the sigmas at the quiet end hang on the last bits.

/// beta_t for each training timestep, rescaled to zero terminal SNR if configured.
std::vector<double> make_betas(const SchedulerConfig& config);

/// Algorithm 1 of Lin et al. 2023: betas whose last alpha_bar is 0; the first is kept.
std::vector<double> rescale_to_zero_terminal_snr(std::span<const double> betas);

/// The products of 1 - beta up to each timestep: alpha_bar_t of Ho et al. 2020.
std::vector<double> make_alphas_cumprod(std::span<const double> betas);

/// sqrt((1 - alpha_bar) / alpha_bar), the noise-to-signal ratio of each timestep. An alpha_bar of 0 counts as 2^-24.
std::vector<double> make_sigmas(std::span<const double> alphas_cumprod);

/// Whether timesteps may lie between the training timesteps.
enum class Timesteps { whole, fractional };

/// `steps` of the training timesteps, descending. With trailing spacing some counts (61, 103, ...) have one more
/// fractional timestep, -1: it results from numpy's rounding, and diffusers treats it as a second timestep 0.
std::vector<double> spaced_timesteps(const SchedulerConfig& config, int steps, Timesteps kind);

/// The whole timesteps of the multistep solvers, none above `last_timestep` - 1: of `steps` + 1 the lowest is left out,
/// but in trailing spacing.
std::vector<double> solver_timesteps(const SchedulerConfig& config, int steps, int last_timestep);

/// The sigma at a timestep that may lie between two training timesteps, whose sigmas are given.
double sigma_at(std::span<const double> sigmas, double timestep);

/// The timestep of a sigma, linear in log sigma between two training timesteps.
double timestep_at(std::span<const double> sigmas, double sigma);

/// Eq. (5) of Karras et al. 2022 with rho = 7: `steps` sigmas from the greatest to the least.
std::vector<double> karras_sigmas(double sigma_max, double sigma_min, int steps);

/// `steps` sigmas, even in log sigma, from the greatest to the least.
std::vector<double> exponential_sigmas(double sigma_max, double sigma_min, int steps);

/// The same between the log sigmas in float32, as diffusers has them for Lu et al. 2022: the timesteps that the ends
/// stand for hang on the last bits.
std::vector<double> lu_sigmas(double sigma_max, double sigma_min, int steps);

/// `steps` sigmas from the greatest to the least, spread as the quantiles of the beta distribution with both parameters
/// 0.6 (Lee et al. 2024).
std::vector<double> beta_sigmas(double sigma_max, double sigma_min, int steps);

/// The least x, 0 to 1, below which the share `probability` of that distribution lies.
double beta_quantile(double probability);

}  // namespace easel
