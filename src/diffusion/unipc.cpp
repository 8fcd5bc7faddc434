#include <algorithm>
#include <cmath>
#include <optional>

#include "base/error.h"
#include "diffusion/sampler_kind.h"
#include "diffusion/sampler_tools.h"

namespace easel {
namespace {

/// Solves a small system of linear equations (Gauss, with pivots).
std::vector<double> solve(std::vector<std::vector<double>> matrix, std::vector<double> right) {
    const std::size_t n = right.size();
    for (std::size_t column = 0; column < n; ++column) {
        std::size_t pivot = column;
        for (std::size_t row = column + 1; row < n; ++row)
            if (std::abs(matrix[row][column]) > std::abs(matrix[pivot][column])) pivot = row;
        std::swap(matrix[column], matrix[pivot]);
        std::swap(right[column], right[pivot]);
        for (std::size_t row = 0; row < n; ++row) {
            if (row == column) continue;
            const double factor = matrix[row][column] / matrix[column][column];
            for (std::size_t k = column; k < n; ++k) matrix[row][k] -= factor * matrix[column][k];
            right[row] -= factor * right[column];
        }
    }
    for (std::size_t k = 0; k < n; ++k) right[k] /= matrix[k][k];
    return right;
}

/// The coefficients of a step from one sigma to another, section 3 of Zhao et al. 2023. "Outputs" are what is
/// extrapolated: predictions of x_0 or of the noise.
struct Step {
    double of_sample = 1.0;
    double of_output = 0.0;
    /// B(h) times the signal or the noise at the end.
    double of_differences = 0.0;
    /// r_k: how far each older output lies from the newest, in lambda, as a share of the step.
    std::vector<double> r;
    /// The right side of Eq. (11), one for each order.
    std::vector<double> b;
};

/// UniPC, a unified predictor and corrector, Zhao et al. 2023, Algorithms 1 and 2.
class UniPCSampler final : public Sampler {
  public:
    explicit UniPCSampler(SamplingPlan plan)
        : Sampler(std::move(plan)), outputs_(static_cast<std::size_t>(config().solver_order)) {}

    void step(std::span<const float> prediction, std::size_t i, std::span<float> latents, const NoiseSource&) override {
        std::vector<float> output(latents.size());
        if (config().predict_x0) {
            predict_x0(config().prediction_type, prediction, latents, level(i), output);
            limit_x0(config(), output);
        } else {
            predict_epsilon(config().prediction_type, prediction, latents, level(i), output);
        }
        if (order_ > 0 && !config().disable_corrector.contains(static_cast<int>(i) - 1)) correct(output, i, latents);

        outputs_.push(output);
        order_ = std::min(outputs_.size(), static_cast<std::size_t>(config().solver_order));
        if (config().lower_order_final) order_ = std::min(order_, timesteps().size() - i);
        start_.assign(latents.begin(), latents.end());
        predict(i, latents);
    }

  private:
    // UniP: from sigmas()[i] to the next.
    void predict(std::size_t i, std::span<float> latents) const {
        const Step step = make_step(i);
        std::vector<double> rho;
        if (order_ == 2) rho = {0.5};
        if (order_ > 2 && !step.r.empty()) rho = solve(powers(step.r, order_ - 1), {step.b.begin(), step.b.end() - 1});
        take(step, rho, {}, latents);
    }

    // UniC: the step that led to sigmas()[i] again, now with what the network says there.
    void correct(std::span<const float> output, std::size_t i, std::span<float> latents) const {
        const Step step = make_step(i - 1);
        std::vector<double> r = step.r;
        r.push_back(1.0);
        take(step, order_ == 1 ? std::vector{0.5} : solve(powers(r, order_), step.b), output, latents);
    }

    Step make_step(std::size_t i) const {
        const double from = sigmas()[i], to = sigmas()[i + 1];
        const NoiseLevel now = level(i), next = variance_preserving(1.0 / (1.0 + to * to));
        // lambda = log(signal / noise) = -log(sigma)
        const double h = std::log(from) - std::log(to);
        if (h == 0.0) return {};
        const double signed_h = config().predict_x0 ? -h : h;
        const double growth = std::expm1(signed_h);
        const double scale = config().predict_x0 ? next.signal : next.noise;

        Step step;
        step.of_sample = config().predict_x0 ? next.noise / now.noise : next.signal / now.signal;
        step.of_output = -scale * growth;
        if (to == 0.0) return step;
        const double b_of_h = config().solver_type == SolverType::bh1 ? signed_h : growth;
        step.of_differences = -scale * b_of_h;
        for (std::size_t k = 1; k < order_; ++k) step.r.push_back(std::log(from / sigmas()[i - k]) / h);
        double phi = growth / signed_h - 1.0, factorial = 1.0;
        for (std::size_t k = 1; k <= order_; ++k) {
            step.b.push_back(phi * factorial / b_of_h);
            factorial *= static_cast<double>(k + 1);
            phi = phi / signed_h - 1.0 / factorial;
        }
        return step;
    }

    // Row j holds the r to the power of j.
    static std::vector<std::vector<double>> powers(const std::vector<double>& r, std::size_t rows) {
        std::vector<std::vector<double>> matrix(rows, r);
        for (std::size_t j = 0; j < rows; ++j)
            for (double& value : matrix[j]) value = std::pow(value, static_cast<double>(j));
        return matrix;
    }

    // `newest`, when not empty, is the output at the end of the step, and the last rho is its.
    void take(const Step& step, std::span<const double> rho, std::span<const float> newest,
              std::span<float> latents) const {
        std::vector<Term> terms = {{step.of_sample, start_}, {step.of_output, outputs_[0]}};
        const auto add_difference = [&](double weight, std::span<const float> output) {
            terms.push_back({step.of_differences * weight, output});
            terms.push_back({-step.of_differences * weight, outputs_[0]});
        };
        for (std::size_t k = 0; k < step.r.size(); ++k) add_difference(rho[k] / step.r[k], outputs_[k + 1]);
        if (!newest.empty()) add_difference(rho.back(), newest);
        weighted_sum(terms, latents);
    }

    History outputs_;
    /// Of the last step; 0 before the first.
    std::size_t order_ = 0;
    std::vector<float> start_;
};

void check_last_step(const SchedulerConfig& config) {
    if (config.final_sigmas_type != FinalSigmas::zero) return;
    if (!config.predict_x0)
        fail(ErrorKind::unsupported,
             "unipc with predict_x0 false cannot step to a sigma of zero: set final_sigmas_type to sigma_min");
    if (!config.lower_order_final && config.solver_order > 1)
        fail(ErrorKind::unsupported,
             "unipc with lower_order_final false cannot step to a sigma of zero: set final_sigmas_type to sigma_min");
}

constexpr std::string_view fields[] = {"use_karras_sigmas",
                                       "use_exponential_sigmas",
                                       "use_beta_sigmas",
                                       "use_flow_sigmas",
                                       "use_dynamic_shifting",
                                       "shift_terminal",
                                       "sigma_min",
                                       "sigma_max",
                                       "solver_order",
                                       "solver_type",
                                       "solver_p",
                                       "predict_x0",
                                       "lower_order_final",
                                       "disable_corrector",
                                       "final_sigmas_type",
                                       "thresholding",
                                       "dynamic_thresholding_ratio",
                                       "sample_max_value",
                                       "rescale_betas_zero_snr"};

// DPM-Solver's own names stand for the default here, so that a configuration can change its class.
constexpr Choice<SolverType> solver_types[] = {{"bh1", SolverType::bh1},
                                               {"bh2", SolverType::bh2},
                                               {"midpoint", SolverType::bh2},
                                               {"heun", SolverType::bh2},
                                               {"logrho", SolverType::bh2}};

}  // namespace

namespace samplers {
extern constinit const SamplerKind unipc = {
    .name = "unipc",
    .class_name = "UniPCMultistepScheduler",
    .stored_name = "UniPC",
    .fields = fields,
    .solver_types = solver_types,
    .takes_sample_predictions = true,
    .set_defaults = [](SchedulerConfig& config) { config.solver_type = SolverType::bh2; },
    .check = check_last_step,
    .plan =
        [](const SchedulerConfig& config, int steps) {
            return plan_for_solver(config, steps,
                                   {.rounds_with_every_beta_schedule = true, .ends_where_its_own_sigmas_do = true});
        },
    .make = make_sampler_of<UniPCSampler>,
};
}  // namespace samplers

}  // namespace easel
