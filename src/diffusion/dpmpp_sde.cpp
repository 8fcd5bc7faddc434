#include <cmath>

#include "diffusion/sampler_kind.h"
#include "diffusion/sampler_tools.h"
#include "diffusion/schedule.h"

namespace easel {
namespace {

/// The stochastic DPM-Solver++ with a second prediction in the middle of each step, as k-diffusion's DPM++ SDE and
/// diffusers' DPMSolverSDEScheduler have it: Lu et al. 2022's first-order step for stochastic equations
/// (SDE-DPM-Solver++1) to the middle in log sigma, and from the beginning once more, the whole way, with the x_0 that
/// was predicted there:
///
///     x(to) = (to/from)^2 x(from) + (1 - (to/from)^2) x_0 + to sqrt(1 - (to/from)^2) z
///
/// The network is called twice for each step, but once for the last, which ends at x_0. z of the whole step contains
/// that of its first half: both are increments of one Brownian motion over sigma. diffusers takes it from torchsde's
/// tree, which has a seed of its own; here it is drawn as it is needed, a number for each latent and call, so that the
/// numbers differ from diffusers' but not their distribution.
class DPMSolverSDESampler final : public Sampler {
  public:
    using Sampler::Sampler;

    void step(std::span<const float> prediction, std::size_t i, std::span<float> latents,
              const NoiseSource& noise) override {
        x0_.resize(latents.size());
        predict_x0(config().prediction_type, prediction, latents, level(i), x0_);
        const bool is_first_half = i % 2 == 0;
        if (is_first_half) {
            start_.assign(latents.begin(), latents.end());
            motion_.assign(latents.size(), 0.0f);
        }
        const double from = sigmas()[is_first_half ? i : i - 1], to = sigmas()[i + 1];
        const double kept = (to / from) * (to / from);
        const Term terms[] = {{kept, start_}, {1.0 - kept, x0_}};
        weighted_sum(terms, latents);
        if (to == 0.0) return;

        add_fresh_noise(std::sqrt(sigmas()[i] - to), noise, motion_);
        const Term noised[] = {{1.0, latents}, {to * std::sqrt((1.0 - kept) / (from - to)), motion_}};
        weighted_sum(noised, latents);
    }

  private:
    /// motion_: the Brownian motion since the beginning of the step, whose variance is how far sigma has fallen.
    std::vector<float> x0_, start_, motion_;
};

SamplingPlan plan_dpmpp_sde(const SchedulerConfig& config, int steps) {
    const std::vector<double> training = make_sigmas(make_alphas_cumprod(make_betas(config)));
    SamplingPlan plan = plan_by_sigmas(config, steps);
    const std::vector<double> whole = std::move(plan.timesteps), sigmas = std::move(plan.sigmas);
    plan.timesteps.clear();
    plan.sigmas.clear();
    for (std::size_t i = 0; i < whole.size(); ++i) {
        plan.timesteps.push_back(whole[i]);
        plan.sigmas.push_back(sigmas[i]);
        if (sigmas[i + 1] == 0.0) continue;
        const double middle = std::sqrt(sigmas[i] * sigmas[i + 1]);
        plan.timesteps.push_back(timestep_at(training, middle));
        plan.sigmas.push_back(middle);
    }
    plan.levels.clear();
    for (const double sigma : plan.sigmas) plan.levels.push_back({.signal = 1.0, .noise = sigma});
    plan.sigmas.push_back(sigmas.back());
    plan.calls_per_step = 2;
    return plan;
}

constexpr std::string_view fields[] = {"use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas"};

}  // namespace

namespace samplers {
extern constinit const SamplerKind dpmpp_sde = {
    .name = "dpmpp_sde",
    .class_name = "DPMSolverSDEScheduler",
    .stored_name = "DPM++ SDE",
    .fields = fields,
    .calls_per_step = 2,
    .automatic_schedule = SigmaSchedule::karras,
    .set_defaults =
        [](SchedulerConfig& config) {
            config.beta_start = 0.00085;
            config.beta_end = 0.012;
        },
    .plan = plan_dpmpp_sde,
    .make = make_sampler_of<DPMSolverSDESampler>,
};
}  // namespace samplers

}  // namespace easel
