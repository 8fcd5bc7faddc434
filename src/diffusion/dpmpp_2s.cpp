#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "diffusion/dpm_solver_step.h"
#include "diffusion/sampler_kind.h"
#include "diffusion/sampler_tools.h"

namespace easel {
namespace {

/// DPM-Solver++, Lu et al. 2022, Algorithm 1 (2S) and its kin of order 1 and 3, as diffusers' singlestep scheduler
/// counts them: of every two steps (three) the first is one of order 1, and the second begins again where that one
/// began, with what the network said on the way. (The web UI's DPM++ 2S a adds noise in the manner of euler_a, and is
/// another.)
class SinglestepSampler final : public Sampler {
  public:
    explicit SinglestepSampler(SamplingPlan plan)
        : Sampler(std::move(plan)), outputs_(static_cast<std::size_t>(config().solver_order)) {}

    void step(std::span<const float> prediction, std::size_t i, std::span<float> latents,
              const NoiseSource& noise) override {
        std::vector<float> output(latents.size());
        predict_output(config(), prediction, latents, level(i), output);
        outputs_.push(output);
        const std::size_t order = std::min(order_at(i), outputs_.size());
        if (order == 1) start_.assign(latents.begin(), latents.end());

        // Over all that has been taken since the beginning of these two or three.
        const std::size_t first = i + 1 - order;
        const bool midpoint = order == 2 && config().solver_type == SolverType::midpoint;
        const DPMSolverStep step = dpm_solver_step(config().algorithm_type, sigmas()[first], sigmas()[i + 1], midpoint);
        std::vector<Term> terms = {{step.of_sample, start_}, {step.of_output, outputs_[order - 1]}};
        if (order > 1) add_differences(step, first, i, terms);
        weighted_sum(terms, latents);
        if (is_stochastic(config().algorithm_type)) add_fresh_noise(step.of_noise, noise, latents);
    }

  private:
    // Between the output at `first` and those after it.
    void add_differences(const DPMSolverStep& step, std::size_t first, std::size_t i, std::vector<Term>& terms) const {
        const auto share = [&](std::size_t at) {
            return std::log(sigmas()[first] / sigmas()[at]) / std::log(sigmas()[first] / sigmas()[i + 1]);
        };
        const std::size_t oldest = i - first;
        double of_newest = step.of_first / share(i), of_middle = 0.0;
        if (oldest == 2 && config().solver_type == SolverType::heun) {
            const double r0 = share(i), r1 = share(i - 1);
            of_newest = (2.0 * step.of_second - r1 * step.of_first) / ((r0 - r1) * r0);
            of_middle = (r0 * step.of_first - 2.0 * step.of_second) / ((r0 - r1) * r1);
        }
        terms.push_back({of_newest, outputs_[0]});
        if (of_middle != 0.0) terms.push_back({of_middle, outputs_[1]});
        terms.push_back({-of_newest - of_middle, outputs_[oldest]});
    }

    std::size_t order_at(std::size_t i) const {
        const auto order = static_cast<std::size_t>(config().solver_order);
        const bool ends_clean = config().final_sigmas_type == FinalSigmas::zero;
        const bool is_lowered = config().lower_order_final && timesteps().size() % order == 0;
        if (i + 1 == timesteps().size() && (ends_clean || is_lowered)) return 1;
        return i % order + 1;
    }

    History outputs_;
    std::vector<float> start_;
};

void check_singlestep(const SchedulerConfig& config) {
    if (config.solver_order > 3)
        fail(ErrorKind::unsupported, "the sampler dpmpp_2s goes with a solver_order of 1 to 3, not {}",
             config.solver_order);
    if (config.algorithm_type == AlgorithmType::sde_dpmsolver)
        fail(ErrorKind::unsupported, "the sampler dpmpp_2s has no algorithm_type sde-dpmsolver; use sde-dpmsolver++");
    check_last_sigma(config);
}

// Whatever timestep_spacing says, which the class does not have.
SamplingPlan plan_singlestep(const SchedulerConfig& config, int steps) {
    SchedulerConfig own = config;
    own.timestep_spacing = TimestepSpacing::linspace;
    return plan_for_solver(own, steps, {.rounds_with_every_beta_schedule = true});
}

constexpr std::string_view fields[] = {"use_karras_sigmas",    "use_exponential_sigmas",
                                       "use_beta_sigmas",      "use_flow_sigmas",
                                       "use_dynamic_shifting", "solver_order",
                                       "solver_type",          "algorithm_type",
                                       "lower_order_final",    "final_sigmas_type",
                                       "variance_type",        "lambda_min_clipped",
                                       "thresholding",         "dynamic_thresholding_ratio",
                                       "sample_max_value"};

}  // namespace

namespace samplers {
extern constinit const SamplerKind dpmpp_2s = {
    .name = "dpmpp_2s",
    .class_name = "DPMSolverSinglestepScheduler",
    .stored_name = "DPM++ 2S",
    .fields = fields,
    .solver_types = dpm_solver_types,
    .takes_sample_predictions = true,
    .uses_steps_offset = false,
    .automatic_schedule = SigmaSchedule::karras,
    .set_defaults = [](SchedulerConfig& config) { config.lower_order_final = false; },
    .check = check_singlestep,
    .plan = plan_singlestep,
    .make = make_sampler_of<SinglestepSampler>,
};
}  // namespace samplers

}  // namespace easel
