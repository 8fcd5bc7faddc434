#include <cmath>

#include "base/error.h"
#include "diffusion/dpm_solver_step.h"
#include "diffusion/sampler_kind.h"
#include "diffusion/sampler_tools.h"

namespace easel {
namespace {

/// DPM-Solver++, Lu et al. 2022, Algorithm 2 (2M) and its kin of order 1 and 3, as an ordinary or a stochastic
/// differential equation (SDE-DPM-Solver++(2M)); and its predecessor DPM-Solver, Lu et al. 2022, which extrapolates the
/// noise instead of x_0. The stochastic third order is diffusers'; what the web UI has by that name is k-diffusion's,
/// which weighs the second difference otherwise.
class DPMSolverSampler final : public Sampler {
  public:
    explicit DPMSolverSampler(SamplingPlan plan)
        : Sampler(std::move(plan)), outputs_(static_cast<std::size_t>(config().solver_order)) {}

    void step(std::span<const float> prediction, std::size_t i, std::span<float> latents,
              const NoiseSource& noise) override {
        std::vector<float> output(latents.size());
        predict_output(config(), prediction, latents, level(i), output);
        outputs_.push(output);

        const double from = sigmas()[i], to = sigmas()[i + 1];
        const std::size_t order = to < from ? order_at(i) : 1;
        const bool midpoint = order == 2 && config().solver_type == SolverType::midpoint;
        const DPMSolverStep step = dpm_solver_step(config().algorithm_type, from, to, midpoint);
        std::vector<Term> terms = {{step.of_sample, latents}, {step.of_output, outputs_[0]}};
        if (order > 1) add_differences(step, order, i, terms);
        weighted_sum(terms, latents);
        if (is_stochastic(config().algorithm_type)) add_fresh_noise(step.of_noise, noise, latents);
    }

  private:
    // D1 and D2, the divided differences between the newest output and those before it.
    void add_differences(const DPMSolverStep& step, std::size_t order, std::size_t i, std::vector<Term>& terms) const {
        const double h = log_ratio(i);
        const double r0 = log_ratio(i - 1) / h;
        if (order == 2) return add_difference(step.of_first / r0, 0, terms);

        const double r1 = log_ratio(i - 2) / h;
        const double bend = (step.of_first * r0 + step.of_second) / (r0 + r1);
        add_difference((step.of_first + bend) / r0, 0, terms);
        add_difference(-bend / r1, 1, terms);
    }

    double log_ratio(std::size_t i) const { return std::log(sigmas()[i] / sigmas()[i + 1]); }

    // weight * (the output of that age less the one before it)
    void add_difference(double weight, std::size_t age, std::vector<Term>& terms) const {
        terms.push_back({weight, outputs_[age]});
        terms.push_back({-weight, outputs_[age + 1]});
    }

    std::size_t order_at(std::size_t i) const {
        const std::size_t count = timesteps().size(), left = count - i;
        const bool lower = config().lower_order_final && count < short_schedule;
        if (left == 1 && (lower || config().euler_at_final || config().final_sigmas_type == FinalSigmas::zero))
            return 1;
        const std::size_t most = left == 2 && lower ? 2 : 3;
        return std::min(most, outputs_.size());
    }

    History outputs_;
};

void check_algorithm(const SchedulerConfig& config) {
    if (config.algorithm_type == AlgorithmType::sde_dpmsolver && config.solver_order > 2)
        fail(ErrorKind::unsupported, "algorithm_type sde-dpmsolver goes with a solver_order of 1 or 2, not {}",
             config.solver_order);
    check_last_sigma(config);
}

constexpr std::string_view fields[] = {
    "use_karras_sigmas",  "use_exponential_sigmas", "use_beta_sigmas", "use_lu_lambdas",
    "use_flow_sigmas",    "use_dynamic_shifting",   "solver_order",    "solver_type",
    "algorithm_type",     "lower_order_final",      "euler_at_final",  "final_sigmas_type",
    "lambda_min_clipped", "variance_type",          "thresholding",    "dynamic_thresholding_ratio",
    "sample_max_value",   "rescale_betas_zero_snr"};

// The stochastic samplers decide themselves what algorithm_type and solver_order are.
constexpr std::string_view stochastic_fields[] = {
    "use_karras_sigmas", "use_exponential_sigmas",     "use_beta_sigmas",    "use_lu_lambdas",
    "use_flow_sigmas",   "use_dynamic_shifting",       "solver_type",        "lower_order_final",
    "euler_at_final",    "final_sigmas_type",          "lambda_min_clipped", "variance_type",
    "thresholding",      "dynamic_thresholding_ratio", "sample_max_value",   "rescale_betas_zero_snr"};

constexpr std::string_view stochastic_similar_classes[] = {"CosineDPMSolverMultistepScheduler", "SASolverScheduler"};

template <int order>
void set_stochastic(SchedulerConfig& config) {
    config.algorithm_type = AlgorithmType::sde_dpmsolver_pp;
    config.solver_order = order;
}

SamplingPlan plan_dpm_solver(const SchedulerConfig& config, int steps) { return plan_for_solver(config, steps); }

}  // namespace

namespace samplers {
extern constinit const SamplerKind dpmpp_2m = {
    .name = "dpmpp_2m",
    .class_name = "DPMSolverMultistepScheduler",
    .stored_name = "DPM++ 2M",
    .fields = fields,
    .solver_types = dpm_solver_types,
    .takes_sample_predictions = true,
    .automatic_schedule = SigmaSchedule::karras,
    .check = check_algorithm,
    .plan = plan_dpm_solver,
    .make = make_sampler_of<DPMSolverSampler>,
};

extern constinit const SamplerKind dpmpp_2m_sde = {
    .name = "dpmpp_2m_sde",
    .class_name = "DPMSolverMultistepScheduler",
    .stored_name = "DPM++ 2M SDE",
    .fields = stochastic_fields,
    .solver_types = dpm_solver_types,
    .similar_classes = stochastic_similar_classes,
    .variant_of = &dpmpp_2m,
    .takes_sample_predictions = true,
    .automatic_schedule = SigmaSchedule::exponential,
    .set_defaults = set_stochastic<2>,
    .plan = plan_dpm_solver,
    .make = make_sampler_of<DPMSolverSampler>,
};

extern constinit const SamplerKind dpmpp_3m_sde = {
    .name = "dpmpp_3m_sde",
    .class_name = "DPMSolverMultistepScheduler",
    .stored_name = "DPM++ 3M SDE",
    .fields = stochastic_fields,
    .solver_types = dpm_solver_types,
    .variant_of = &dpmpp_2m,
    .takes_sample_predictions = true,
    .automatic_schedule = SigmaSchedule::exponential,
    .set_defaults = set_stochastic<3>,
    .plan = plan_dpm_solver,
    .make = make_sampler_of<DPMSolverSampler>,
};
}  // namespace samplers

}  // namespace easel
