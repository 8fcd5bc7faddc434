#include "diffusion/plan.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "diffusion/sampler_kind.h"
#include "diffusion/schedule.h"

namespace easel {
namespace {

// The solvers divide by the differences of the log sigmas. The last step alone may stand still.
void require_falling(std::span<const double> sigmas, int steps) {
    for (std::size_t i = 1; i + 1 < sigmas.size(); ++i)
        if (!(sigmas[i] < sigmas[i - 1]))
            refuse("num_inference_steps",
                   "{} steps are too many for this schedule, which would visit a timestep twice; use fewer", steps);
}

// What remains of the sigmas' schedule is the same for all samplers that have one.
std::vector<double> converted_sigmas(const SchedulerConfig& config, double sigma_max, double sigma_min, int steps) {
    const double greatest = config.sigma_max.value_or(sigma_max), least = config.sigma_min.value_or(sigma_min);
    if (steps > 1 && !(least < greatest))
        fail("the sampler's settings have sigmas from {:.4g} down to {:.4g}: sigma_min must be below sigma_max",
             greatest, least);
    switch (config.sigma_schedule) {
        case SigmaSchedule::karras:
            return karras_sigmas(greatest, least, steps);
        case SigmaSchedule::beta:
            return beta_sigmas(greatest, least, steps);
        case SigmaSchedule::lu:
            return lu_sigmas(greatest, least, steps);
        case SigmaSchedule::exponential:
        case SigmaSchedule::discrete:
            break;
    }
    return exponential_sigmas(greatest, least, steps);
}

void round_to_float(std::vector<double>& values) {
    for (double& value : values) value = static_cast<float>(value);
}

}  // namespace

std::size_t SamplingPlan::first_step(double strength) const {
    const int taken = std::min(static_cast<int>(steps * strength), steps);
    const std::size_t first = static_cast<std::size_t>(steps - taken) * static_cast<std::size_t>(calls_per_step);
    return std::min(first, timesteps.size());
}

std::size_t SamplingPlan::calls_until(double part) const {
    const double all = config.num_train_timesteps;
    const double cutoff = std::nearbyint(all - part * all);
    return static_cast<std::size_t>(std::ranges::count_if(timesteps, [&](double t) { return t >= cutoff; }));
}

// Source: get_timesteps() of diffusers' StableDiffusionXLImg2ImgPipeline.
std::size_t SamplingPlan::first_call_after(double part) const {
    const std::size_t first = calls_until(part);
    const bool is_within_a_step = calls_per_step == 2 && (timesteps.size() - first) % 2 == 0;
    return is_within_a_step && first > 0 ? first - 1 : first;
}

SamplingPlan plan_by_timesteps(const SchedulerConfig& config, int steps, std::vector<double> timesteps) {
    SamplingPlan plan{.config = config,
                      .steps = steps,
                      .timesteps = std::move(timesteps),
                      .alphas_cumprod = make_alphas_cumprod(make_betas(config))};
    const std::vector<double>& alphas_cumprod = plan.alphas_cumprod;
    for (const double t : plan.timesteps) {
        if (t < 0.0 || t >= static_cast<double>(alphas_cumprod.size()))
            fail_usage(
                "{} steps with a steps_offset of {} reach timestep {}, but the model has only 0 to {}; use fewer "
                "steps",
                steps, config.steps_offset, t, alphas_cumprod.size() - 1);
        const double alpha_bar = alphas_cumprod[static_cast<std::size_t>(t)];
        if (alpha_bar == 0.0 && config.prediction_type == PredictionType::epsilon)
            fail(
                "rescale_betas_zero_snr leaves no signal at timestep {}, where an epsilon prediction says nothing: "
                "it needs prediction_type v_prediction or sample, or leading timestep_spacing",
                t);
        plan.levels.push_back(variance_preserving(alpha_bar));
    }
    return plan;
}

SamplingPlan plan_by_distillation(const SchedulerConfig& config, int steps) {
    const int original = config.original_inference_steps;
    if (original > config.num_train_timesteps)
        fail("original_inference_steps is {}, but must not exceed num_train_timesteps, {}", original,
             config.num_train_timesteps);
    const std::string_view name = config.sampler->name;
    const int used = static_cast<int>(original * config.part_of_original_steps);
    if (steps > used && used == original)
        refuse("num_inference_steps",
               "the sampler {} takes at most {} steps, the original_inference_steps of its distillation, not {}", name,
               original, steps);
    if (steps > used)
        refuse("num_inference_steps",
               "at this strength the sampler {} takes at most {} of the {} steps of its distillation, not {}", name,
               used, original, steps);
    const int stride = config.num_train_timesteps / original;
    const double spacing = static_cast<double>(used) / steps;
    std::vector<double> timesteps;
    timesteps.reserve(static_cast<std::size_t>(steps));
    for (int k = 0; k < steps; ++k) timesteps.push_back((used - std::floor(k * spacing)) * stride - 1.0);
    return plan_by_timesteps(config, steps, std::move(timesteps));
}

SamplingPlan plan_by_sigmas(const SchedulerConfig& config, int steps) {
    const std::vector<double> training = make_sigmas(make_alphas_cumprod(make_betas(config)));
    SamplingPlan plan{
        .config = config, .steps = steps, .timesteps = spaced_timesteps(config, steps, Timesteps::fractional)};
    if (config.interpolation_type == InterpolationType::linear)
        for (const double t : plan.timesteps) plan.sigmas.push_back(sigma_at(training, t));
    else
        plan.sigmas = exponential_sigmas(training.back(), training.front(), steps + 1);

    if (config.sigma_schedule != SigmaSchedule::discrete) {
        plan.sigmas = converted_sigmas(config, plan.sigmas.front(), plan.sigmas.back(), steps);
        plan.timesteps.clear();
        for (const double sigma : plan.sigmas) plan.timesteps.push_back(timestep_at(training, sigma));
    }
    plan.sigmas.push_back(config.final_sigmas_type == FinalSigmas::zero ? 0.0 : training.front());
    round_to_float(plan.sigmas);
    require_falling(plan.sigmas, steps);

    if (config.timestep_type == TimestepType::continuous && config.prediction_type == PredictionType::v_prediction) {
        // log_linear interpolation gives a sigma more than there are steps, which only these timesteps know of.
        plan.timesteps.clear();
        for (std::size_t i = 0; i + 1 < plan.sigmas.size(); ++i)
            plan.timesteps.push_back(0.25 * std::log(plan.sigmas[i]));
    }
    round_to_float(plan.timesteps);

    for (std::size_t i = 0; i < plan.timesteps.size(); ++i)
        plan.levels.push_back({.signal = 1.0, .noise = plan.sigmas[i]});
    const double greatest = plan.sigmas.front();
    plan.initial_noise_scale =
        config.timestep_spacing == TimestepSpacing::leading ? std::hypot(greatest, 1.0) : greatest;
    return plan;
}

SamplingPlan plan_for_solver(const SchedulerConfig& config, int steps, SolverPlanning planning) {
    const std::vector<double> training = make_sigmas(make_alphas_cumprod(make_betas(config)));
    // lambda = log(signal / noise) = -log(sigma)
    const auto last_timestep = std::count_if(
        training.begin(), training.end(), [&](double sigma) { return -std::log(sigma) >= config.lambda_min_clipped; });
    if (last_timestep == 0)
        fail("lambda_min_clipped {} leaves none of the model's timesteps; use a smaller one",
             config.lambda_min_clipped);

    SamplingPlan plan{.config = config,
                      .steps = steps,
                      .timesteps = solver_timesteps(config, steps, static_cast<int>(last_timestep))};
    if (config.sigma_schedule == SigmaSchedule::discrete) {
        for (const double t : plan.timesteps) plan.sigmas.push_back(sigma_at(training, t));
    } else {
        plan.sigmas = converted_sigmas(config, training.back(), training.front(), steps);
        const bool round =
            (config.sigma_schedule == SigmaSchedule::karras || config.sigma_schedule == SigmaSchedule::lu) &&
            (config.beta_schedule != BetaSchedule::squaredcos_cap_v2 || planning.rounds_with_every_beta_schedule);
        plan.timesteps.clear();
        for (const double sigma : plan.sigmas) {
            const double t = timestep_at(training, sigma);
            plan.timesteps.push_back(round ? std::nearbyint(t) : std::trunc(t));
        }
    }
    const double least = planning.ends_where_its_own_sigmas_do && config.sigma_schedule != SigmaSchedule::discrete
                             ? plan.sigmas.back()
                             : training.front();
    plan.sigmas.push_back(config.final_sigmas_type == FinalSigmas::zero ? 0.0 : least);
    round_to_float(plan.sigmas);
    require_falling(plan.sigmas, steps);
    for (std::size_t i = 0; i < plan.timesteps.size(); ++i)
        plan.levels.push_back(variance_preserving(1.0 / (1.0 + plan.sigmas[i] * plan.sigmas[i])));
    return plan;
}

}  // namespace easel
