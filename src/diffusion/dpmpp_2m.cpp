#include <cmath>

#include "diffusion/samplers.h"

namespace easel {
namespace {

// lower_order_final is for short schedules, whose last steps are wide.
constexpr std::size_t short_schedule = 15;

/// DPM-Solver++, Lu et al. 2022, Algorithm 2 (2M) and its kin of order 1 and 3, as an ordinary or a stochastic
/// differential equation. It works on predictions of x_0.
class DPMSolverSampler final : public Sampler {
  public:
    DPMSolverSampler(const SchedulerConfig& config, SamplingPlan plan)
        : Sampler(std::move(plan)), config_(config), x0s_(static_cast<std::size_t>(config.solver_order)) {}

    void step(std::span<const float> prediction, std::size_t i, std::span<float> latents,
              const NoiseSource& noise) override {
        std::vector<float> x0(latents.size());
        predict_x0(config_.prediction_type, prediction, latents, level(i), x0);
        limit_x0(config_, x0);
        x0s_.push(x0);

        const bool stochastic = config_.algorithm_type == AlgorithmType::sde_dpmsolver;
        const NoiseLevel now = level(i);
        const double sigma = sigmas()[i + 1];
        const NoiseLevel next = variance_preserving(1.0 / (1.0 + sigma * sigma));
        // lambda = log(signal / noise) = -log(sigma), infinite where no noise is left.
        const double h = std::log(sigmas()[i]) - std::log(sigma);

        const double span = stochastic ? 2.0 * h : h;
        const double first = -std::expm1(-span);
        std::vector<Term> terms = {{next.noise / now.noise * (stochastic ? std::exp(-h) : 1.0), latents},
                                   {next.signal * first, x0s_[0]}};
        if (const std::size_t order = order_at(i); order > 1 && h > 0.0) {
            // D1 and D2 of the paper are divided differences of x_0 over lambda.
            const bool midpoint = order == 2 && config_.solver_type == SolverType::midpoint;
            const double second = midpoint ? 0.5 * first : 1.0 - first / span;
            const double r0 = log_ratio(i - 1) / h;
            if (order == 2) {
                add_difference(next.signal * second / r0, 0, terms);
            } else {
                const double third = 0.5 - (span - first) / (span * span);
                const double r1 = log_ratio(i - 2) / h;
                const double bend = (second * r0 + third) / (r0 + r1);
                add_difference(next.signal * (second + bend) / r0, 0, terms);
                add_difference(-next.signal * bend / r1, 1, terms);
            }
        }
        weighted_sum(terms, latents);
        if (stochastic) add_fresh_noise(next.noise * std::sqrt(first), noise, latents);
    }

  private:
    double log_ratio(std::size_t i) const { return std::log(sigmas()[i] / sigmas()[i + 1]); }

    // weight * (the x_0 of that age less the one before it)
    void add_difference(double weight, std::size_t age, std::vector<Term>& terms) const {
        terms.push_back({weight, x0s_[age]});
        terms.push_back({-weight, x0s_[age + 1]});
    }

    std::size_t order_at(std::size_t i) const {
        const std::size_t count = timesteps().size(), left = count - i;
        const bool lower = config_.lower_order_final && count < short_schedule;
        if (left == 1 && (lower || config_.euler_at_final || config_.final_sigmas_type == FinalSigmas::zero)) return 1;
        const std::size_t most = left == 2 && lower ? 2 : 3;
        return std::min(most, x0s_.size());
    }

    SchedulerConfig config_;
    History x0s_;
};

}  // namespace

std::unique_ptr<Sampler> make_dpmpp_2m(const SchedulerConfig& config, int steps, double) {
    return std::make_unique<DPMSolverSampler>(config, plan_for_solver(config, steps));
}

}  // namespace easel
