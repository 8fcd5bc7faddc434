#include <cmath>

#include "base/error.h"
#include "diffusion/sampler_kind.h"
#include "diffusion/sampler_tools.h"

namespace easel {
namespace {

// lower_order_final is for short schedules, whose last steps are large.
constexpr std::size_t short_schedule = 15;

/// DPM-Solver++, Lu et al. 2022, Algorithm 2 (2M) and its kin of order 1 and 3, as an ordinary or a stochastic
/// differential equation; and its predecessor DPM-Solver, Lu et al. 2022, which extrapolates the noise instead of x_0.
class DPMSolverSampler final : public Sampler {
  public:
    explicit DPMSolverSampler(SamplingPlan plan)
        : Sampler(std::move(plan)),
          stochastic_(is_stochastic(config().algorithm_type)),
          extrapolates_x0_(extrapolates_x0(config().algorithm_type)),
          outputs_(static_cast<std::size_t>(config().solver_order)) {}

    void step(std::span<const float> prediction, std::size_t i, std::span<float> latents,
              const NoiseSource& noise) override {
        push_output(prediction, i, latents);

        const NoiseLevel now = level(i);
        const double sigma = sigmas()[i + 1];
        const NoiseLevel next = variance_preserving(1.0 / (1.0 + sigma * sigma));
        // lambda = log(signal / noise) = -log(sigma), infinite where no noise is left.
        const double h = std::log(sigmas()[i]) - std::log(sigma);

        const double of_latents =
            extrapolates_x0_ ? next.noise / now.noise * (stochastic_ ? std::exp(-h) : 1.0) : next.signal / now.signal;
        std::vector<Term> terms = {{of_latents, latents}};
        add_extrapolation(i, h, extrapolates_x0_ ? next.signal : next.noise * (stochastic_ ? 2.0 : 1.0), terms);
        weighted_sum(terms, latents);
        if (stochastic_) {
            const double variance = extrapolates_x0_ ? -std::expm1(-2.0 * h) : std::expm1(2.0 * h);
            add_fresh_noise(next.noise * std::sqrt(variance), noise, latents);
        }
    }

  private:
    // What the network said, as what is extrapolated: x_0 or the noise.
    void push_output(std::span<const float> prediction, std::size_t i, std::span<const float> latents) {
        std::vector<float> output(latents.size());
        const PredictionType type = config().prediction_type;
        if (extrapolates_x0_ || config().thresholding) {
            predict_x0(type, prediction, latents, level(i), output);
            limit_x0(config(), output);
            if (!extrapolates_x0_) predict_epsilon(PredictionType::sample, output, latents, level(i), output);
        } else {
            predict_epsilon(type, prediction, latents, level(i), output);
        }
        outputs_.push(output);
    }

    // The integral of the outputs over the step of length h in lambda. D1 and D2 of the papers are their divided
    // differences.
    void add_extrapolation(std::size_t i, double h, double scale, std::vector<Term>& terms) const {
        const double exponent = extrapolates_x0_ ? (stochastic_ ? -2.0 * h : -h) : h;
        const double growth = std::expm1(exponent);
        terms.push_back({-scale * growth, outputs_[0]});
        const std::size_t order = order_at(i);
        if (order == 1 || !(h > 0.0)) return;

        const bool midpoint = order == 2 && config().solver_type == SolverType::midpoint;
        const double second = midpoint ? -0.5 * growth : 1.0 - growth / exponent;
        const double r0 = log_ratio(i - 1) / h;
        if (order == 2) return add_difference(scale * second / r0, 0, terms);

        // diffusers takes the half off where the equation is stochastic.
        const double third = (stochastic_ ? -0.5 : 0.5) - (growth - exponent) / (exponent * exponent);
        const double r1 = log_ratio(i - 2) / h;
        const double bend = (second * r0 + third) / (r0 + r1);
        add_difference(scale * (second + bend) / r0, 0, terms);
        add_difference(-scale * bend / r1, 1, terms);
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

    bool stochastic_, extrapolates_x0_;
    History outputs_;
};

void check_algorithm(const SchedulerConfig& config) {
    if (config.algorithm_type == AlgorithmType::sde_dpmsolver && config.solver_order > 2)
        fail(ErrorKind::unsupported, "algorithm_type sde-dpmsolver goes with a solver_order of 1 or 2, not {}",
             config.solver_order);
    if (!extrapolates_x0(config.algorithm_type) && config.final_sigmas_type == FinalSigmas::zero)
        fail(ErrorKind::unsupported,
             "algorithm_type {} cannot step to a sigma of zero: set final_sigmas_type to sigma_min, or algorithm_type "
             "to {}++",
             name(config.algorithm_type), name(config.algorithm_type));
}

void make_stochastic(SchedulerConfig& config) { config.algorithm_type = AlgorithmType::sde_dpmsolver_pp; }

constexpr std::string_view fields[] = {
    "use_karras_sigmas",  "use_exponential_sigmas", "use_beta_sigmas", "use_lu_lambdas",
    "use_flow_sigmas",    "use_dynamic_shifting",   "solver_order",    "solver_type",
    "algorithm_type",     "lower_order_final",      "euler_at_final",  "final_sigmas_type",
    "lambda_min_clipped", "variance_type",          "thresholding",    "dynamic_thresholding_ratio",
    "sample_max_value",   "rescale_betas_zero_snr"};

// UniPC's own names stand for the default here, so that a configuration can change its class.
constexpr Choice<SolverType> solver_types[] = {{"midpoint", SolverType::midpoint},
                                               {"heun", SolverType::heun},
                                               {"logrho", SolverType::midpoint},
                                               {"bh1", SolverType::midpoint},
                                               {"bh2", SolverType::midpoint}};

constexpr SimilarClass similar_classes[] = {{"DPMSolverSDEScheduler", make_stochastic},
                                            {"CosineDPMSolverMultistepScheduler", make_stochastic},
                                            {"SASolverScheduler", make_stochastic}};

}  // namespace

namespace samplers {
extern constinit const SamplerKind dpmpp_2m = {
    .name = "dpmpp_2m",
    .class_name = "DPMSolverMultistepScheduler",
    .stored_name = "DPM++ 2M",
    .fields = fields,
    .solver_types = solver_types,
    .similar_classes = similar_classes,
    .takes_sample_predictions = true,
    .automatic_schedule = SigmaSchedule::karras,
    .check = check_algorithm,
    .plan = [](const SchedulerConfig& config, int steps) { return plan_for_solver(config, steps); },
    .make = make_sampler_of<DPMSolverSampler>,
};
}  // namespace samplers

}  // namespace easel
