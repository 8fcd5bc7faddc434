#pragma once

#include <limits>
#include <optional>
#include <set>
#include <vector>

#include "diffusion/forward_process.h"

namespace easel {

/// The description of a sampler; see sampler_kind.h.
struct SamplerKind;
namespace samplers {
extern const SamplerKind ddim;
}

/// How beta grows with the timestep.
enum class BetaSchedule { linear, scaled_linear, squaredcos_cap_v2 };
/// Which of the training timesteps are used; section 3.3 of Lin et al. 2023.
enum class TimestepSpacing { leading, trailing, linspace };
/// How the sigmas between the greatest and the least are placed: where the timesteps lie, or by Karras et al. 2022,
/// Eq. (5), or evenly in log sigma (`lu` is the same with whole timesteps, Lu et al. 2022), or close together at both
/// ends (Lee et al. 2024).
enum class SigmaSchedule { discrete, karras, exponential, lu, beta };
/// Where the last step ends: at no noise at all, or at the least noise of the training.
enum class FinalSigmas { zero, sigma_min };
/// The variants of the multistep solvers: midpoint and heun are DPM-Solver++'s, bh1 and bh2 UniPC's.
enum class SolverType { midpoint, heun, bh1, bh2 };
/// DPM-Solver++ as an ordinary or as a stochastic differential equation, and DPM-Solver as each of these.
enum class AlgorithmType { dpmsolver_pp, sde_dpmsolver_pp, dpmsolver, sde_dpmsolver };
/// The variance that DDPM adds: the posterior's, or beta.
enum class VarianceType { fixed_small, fixed_large };
/// How Euler finds the sigmas between two training timesteps.
enum class InterpolationType { linear, log_linear };
/// What Euler passes to the network: the timestep, or log(sigma) / 4.
enum class TimestepType { discrete, continuous };

/// The settings of a sampler, under the names of diffusers' `scheduler_config.json`. The values here are the defaults
/// of most of its classes; SamplerKind::set_defaults knows those of each.
struct SchedulerConfig {
    /// Never null.
    const SamplerKind* sampler = &samplers::ddim;

    int num_train_timesteps = 1000;
    double beta_start = 0.0001;
    double beta_end = 0.02;
    BetaSchedule beta_schedule = BetaSchedule::linear;
    /// Replace the three above if not empty: one for each training timestep.
    std::vector<double> trained_betas;
    /// Lin et al. 2023: the last training timestep becomes pure noise.
    bool rescale_betas_zero_snr = false;

    PredictionType prediction_type = PredictionType::epsilon;
    TimestepSpacing timestep_spacing = TimestepSpacing::linspace;
    /// Added to the timesteps in leading spacing.
    int steps_offset = 0;

    /// Of ddim, pndm and lcm: whether the state before timestep 0 is clean, or as noisy as timestep 0.
    bool set_alpha_to_one = false;
    /// Of pndm: no Runge-Kutta steps at the beginning.
    bool skip_prk_steps = false;
    VarianceType variance_type = VarianceType::fixed_small;
    /// Of lcm and tcd: the steps of the distillation, of which the sampler takes some.
    int original_inference_steps = 50;
    /// Of lcm: the part of them that is used, from the least noise on. No field of a scheduler_config.json: diffusers'
    /// pipelines of latent consistency models pass the strength of image to image.
    double part_of_original_steps = 1.0;
    double timestep_scaling = 10.0;

    bool clip_sample = false;
    double clip_sample_range = 1.0;
    /// Dynamic thresholding; goes before clip_sample.
    bool thresholding = false;
    double dynamic_thresholding_ratio = 0.995;
    double sample_max_value = 1.0;

    SigmaSchedule sigma_schedule = SigmaSchedule::discrete;
    /// Ends of the schedules that are not discrete, if not the model's own.
    std::optional<double> sigma_min, sigma_max;
    FinalSigmas final_sigmas_type = FinalSigmas::zero;
    InterpolationType interpolation_type = InterpolationType::linear;
    TimestepType timestep_type = TimestepType::discrete;

    /// 1 to 9, of dpmpp_2m, which treats values above 3 as 3, and of unipc; 1 to 3 of dpmpp_2s and deis.
    int solver_order = 2;
    SolverType solver_type = SolverType::midpoint;
    AlgorithmType algorithm_type = AlgorithmType::dpmsolver_pp;
    bool lower_order_final = true;
    bool euler_at_final = false;
    double lambda_min_clipped = -std::numeric_limits<double>::infinity();
    /// Of unipc: whether it extrapolates x_0 or the noise.
    bool predict_x0 = true;
    /// Of unipc: the steps after which the corrector is off.
    std::set<int> disable_corrector;
};

/// Whether an algorithm draws noise at each step.
constexpr bool is_stochastic(AlgorithmType algorithm_type) {
    return algorithm_type == AlgorithmType::sde_dpmsolver_pp || algorithm_type == AlgorithmType::sde_dpmsolver;
}

/// Whether an algorithm extrapolates x_0, as DPM-Solver++ does, or the noise, as DPM-Solver does.
constexpr bool extrapolates_x0(AlgorithmType algorithm_type) {
    return algorithm_type == AlgorithmType::dpmsolver_pp || algorithm_type == AlgorithmType::sde_dpmsolver_pp;
}

}  // namespace easel
