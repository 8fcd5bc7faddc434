#include <algorithm>
#include <cmath>
#include <optional>

#include "diffusion/samplers.h"

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
    UniPCSampler(const SchedulerConfig& config, SamplingPlan plan)
        : Sampler(std::move(plan)), config_(config), outputs_(static_cast<std::size_t>(config.solver_order)) {}

    void step(std::span<const float> prediction, std::size_t i, std::span<float> latents, const NoiseSource&) override {
        std::vector<float> output(latents.size());
        if (config_.predict_x0) {
            predict_x0(config_.prediction_type, prediction, latents, level(i), output);
            limit_x0(config_, output);
        } else {
            predict_epsilon(config_.prediction_type, prediction, latents, level(i), output);
        }
        if (order_ > 0 && !config_.disable_corrector.contains(static_cast<int>(i) - 1)) correct(output, i, latents);

        outputs_.push(output);
        order_ = std::min(outputs_.size(), static_cast<std::size_t>(config_.solver_order));
        if (config_.lower_order_final) order_ = std::min(order_, timesteps().size() - i);
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
        const double signed_h = config_.predict_x0 ? -h : h;
        const double growth = std::expm1(signed_h);
        const double scale = config_.predict_x0 ? next.signal : next.noise;

        Step step;
        step.of_sample = config_.predict_x0 ? next.noise / now.noise : next.signal / now.signal;
        step.of_output = -scale * growth;
        if (to == 0.0) return step;
        const double b_of_h = config_.solver_type == SolverType::bh1 ? signed_h : growth;
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

    SchedulerConfig config_;
    History outputs_;
    /// Of the last step; 0 before the first.
    std::size_t order_ = 0;
    std::vector<float> start_;
};

}  // namespace

std::unique_ptr<Sampler> make_unipc(const SchedulerConfig& config, int steps, double) {
    return std::make_unique<UniPCSampler>(config, plan_for_solver(config, steps));
}

}  // namespace easel
