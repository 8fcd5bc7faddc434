#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"
#include "diffusion/sampler_kind.h"
#include "diffusion/sampler_tools.h"

namespace easel {
namespace {

/// The integrals of 1, log(t / from) and log(t / from)^2 over t, between the sigmas of a step.
std::array<double, 3> integrals_of_logs(double from, double to) {
    const double log_ratio = std::log(to / from);
    const double first = to - from;
    const double second = to * log_ratio - first;
    return {first, second, to * log_ratio * log_ratio - 2.0 * second};
}

/// Diffusion Exponential Integrator Sampler, Zhang & Chen 2022, by Adams and Bashforth in rho, which is sigma, with
/// polynomials in log rho, as diffusers has it: x / signal moves by the integral, over sigma, of the polynomial through
/// the last predictions of the noise,
///
///     x(to) / signal(to) = x(from) / signal(from) + sum over k of epsilon_k * integral of L_k(log t) dt
///
/// The last step ends at the least noise of the training, and where the sigmas are not discrete it stands still.
class DEISSampler final : public Sampler {
  public:
    explicit DEISSampler(SamplingPlan plan)
        : Sampler(std::move(plan)), outputs_(static_cast<std::size_t>(config().solver_order)) {}

    void step(std::span<const float> prediction, std::size_t i, std::span<float> latents, const NoiseSource&) override {
        push_output(prediction, i, latents);
        const double to = sigmas()[i + 1];
        const double signal = variance_preserving(1.0 / (1.0 + to * to)).signal;
        const std::array<double, 3> weights = weights_at(i);
        std::vector<Term> terms = {{signal / level(i).signal, latents}};
        for (std::size_t age = 0; age < order_at(i); ++age) terms.push_back({signal * weights[age], outputs_[age]});
        weighted_sum(terms, latents);
    }

  private:
    void push_output(std::span<const float> prediction, std::size_t i, std::span<const float> latents) {
        std::vector<float> output(latents.size());
        if (config().thresholding) {
            predict_x0(config().prediction_type, prediction, latents, level(i), output);
            limit_x0(config(), output);
            predict_epsilon(PredictionType::sample, output, latents, level(i), output);
        } else {
            predict_epsilon(config().prediction_type, prediction, latents, level(i), output);
        }
        outputs_.push(output);
    }

    // The integrals of Lagrange's polynomials, the newest prediction's first. `a` and `b` are where the older ones lie
    // in log sigma, the newest being at 0.
    std::array<double, 3> weights_at(std::size_t i) const {
        const double from = sigmas()[i];
        const auto [one, log, log_squared] = integrals_of_logs(from, sigmas()[i + 1]);
        const std::size_t order = order_at(i);
        if (order == 1) return {one, 0.0, 0.0};
        const double a = std::log(sigmas()[i - 1] / from);
        if (order == 2) return {one - log / a, log / a, 0.0};
        const double b = std::log(sigmas()[i - 2] / from);
        return {(log_squared - (a + b) * log) / (a * b) + one, (log_squared - b * log) / (a * (a - b)),
                (log_squared - a * log) / (b * (b - a))};
    }

    std::size_t order_at(std::size_t i) const {
        const std::size_t left = timesteps().size() - i;
        const bool is_lowered = config().lower_order_final && timesteps().size() < short_schedule;
        return std::min(outputs_.size(), is_lowered ? left : std::size_t{3});
    }

    History outputs_;
};

void check_order(const SchedulerConfig& config) {
    if (config.solver_order > 3)
        fail(ErrorKind::unsupported, "the sampler deis goes with a solver_order of 1 to 3, not {}",
             config.solver_order);
}

constexpr std::string_view fields[] = {"use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas",
                                       "use_flow_sigmas",   "use_dynamic_shifting",   "solver_order",
                                       "lower_order_final", "thresholding",           "dynamic_thresholding_ratio",
                                       "sample_max_value"};

}  // namespace

namespace samplers {
extern constinit const SamplerKind deis = {
    .name = "deis",
    .class_name = "DEISMultistepScheduler",
    .stored_name = "DEIS",
    .fields = fields,
    .takes_sample_predictions = true,
    .set_defaults = [](SchedulerConfig& config) { config.final_sigmas_type = FinalSigmas::sigma_min; },
    .check = check_order,
    .plan =
        [](const SchedulerConfig& config, int steps) {
            return plan_for_solver(config, steps,
                                   {.rounds_with_every_beta_schedule = true, .ends_where_its_own_sigmas_do = true});
        },
    .make = make_sampler_of<DEISSampler>,
};
}  // namespace samplers

}  // namespace easel
