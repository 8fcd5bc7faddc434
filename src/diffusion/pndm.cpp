#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "diffusion/samplers.h"
#include "diffusion/schedule.h"

namespace easel {
namespace {

constexpr std::size_t runge_kutta_steps = 3, calls_per_runge_kutta_step = 4;

struct PNDMTimesteps {
    std::vector<double> runge_kutta;
    std::vector<double> all;
};

/// Pseudo Numerical Methods for Diffusion Models, Liu et al. 2022: linear multistep with four predictions of the noise,
/// which the first three steps collect by Runge-Kutta's method, or, with skip_prk_steps, by methods of lower order.
class PNDMSampler final : public Sampler {
  public:
    PNDMSampler(const SchedulerConfig& config, SamplingPlan plan, std::vector<double> runge_kutta_timesteps,
                std::vector<double> alphas_cumprod)
        : Sampler(std::move(plan)),
          config_(config),
          runge_kutta_timesteps_(std::move(runge_kutta_timesteps)),
          alphas_cumprod_(std::move(alphas_cumprod)),
          stride_(config.num_train_timesteps / steps()) {}

    void step(std::span<const float> prediction, std::size_t i, std::span<float> latents, const NoiseSource&) override {
        const auto timestep = static_cast<int>(timesteps()[i]);
        if (calls_ < runge_kutta_timesteps_.size())
            runge_kutta(prediction, timestep, latents);
        else
            linear_multistep(prediction, timestep, latents);
        ++calls_;
    }

  private:
    // Eq. (13): four calls make a step; their predictions are weighed 1 : 2 : 2 : 1.
    void runge_kutta(std::span<const float> prediction, int timestep, std::span<float> latents) {
        const std::size_t call = calls_ % calls_per_runge_kutta_step;
        const int to = calls_ % 2 ? timestep : timestep - stride_ / 2;
        const auto from = static_cast<int>(runge_kutta_timesteps_[calls_ - call]);
        if (call == 0) {
            predictions_.push(prediction);
            start_.assign(latents.begin(), latents.end());
            gathered_.assign(latents.size(), 0.0f);
        }
        const bool outer = call == 0 || call == 3;
        const Term terms[] = {{1.0, gathered_}, {outer ? 1.0 / 6.0 : 1.0 / 3.0, prediction}};
        weighted_sum(terms, gathered_);
        transfer(start_, from, to, call == 3 ? std::span<const float>(gathered_) : prediction, latents);
    }

    // Eq. (12), Adams and Bashforth's coefficients for as many predictions as there are.
    void linear_multistep(std::span<const float> prediction, int timestep, std::span<float> latents) {
        std::vector<float> combined(latents.size());
        if (calls_ == 1) {
            // The second call looks at where the first step led, and takes that step again with the mean of both.
            const Term mean[] = {{0.5, prediction}, {0.5, predictions_[0]}};
            weighted_sum(mean, combined);
            return transfer(start_, timestep + stride_, timestep, combined, latents);
        }
        predictions_.push(prediction);
        if (calls_ == 0) start_.assign(latents.begin(), latents.end());

        static const std::vector<double> coefficients[] = {
            {1.0},
            {3.0 / 2.0, -1.0 / 2.0},
            {23.0 / 12.0, -16.0 / 12.0, 5.0 / 12.0},
            {55.0 / 24.0, -59.0 / 24.0, 37.0 / 24.0, -9.0 / 24.0},
        };
        std::vector<Term> terms;
        for (std::size_t age = 0; age < predictions_.size(); ++age)
            terms.push_back({coefficients[predictions_.size() - 1][age], predictions_[age]});
        weighted_sum(terms, combined);
        transfer(latents, timestep, timestep - stride_, combined, latents);
    }

    // Eq. (11): from x at `from` to x at `to`, given the noise in it.
    void transfer(std::span<const float> sample, int from, int to, std::span<const float> prediction,
                  std::span<float> out) const {
        const double now = alpha_bar_at(from), next = alpha_bar_at(to);
        std::vector<float> epsilon(out.size());
        predict_epsilon(config_.prediction_type, prediction, sample, variance_preserving(now), epsilon);
        const double divisor = now * std::sqrt(1.0 - next) + std::sqrt(now * (1.0 - now) * next);
        const Term terms[] = {{std::sqrt(next / now), sample}, {-(next - now) / divisor, epsilon}};
        weighted_sum(terms, out);
    }

    double alpha_bar_at(int timestep) const {
        if (timestep >= 0) return alphas_cumprod_[static_cast<std::size_t>(timestep)];
        return config_.set_alpha_to_one ? 1.0 : alphas_cumprod_[0];
    }

    SchedulerConfig config_;
    std::vector<double> runge_kutta_timesteps_;
    std::vector<double> alphas_cumprod_;
    int stride_;
    std::size_t calls_ = 0;
    History predictions_{4};
    std::vector<float> start_, gathered_;
};

// The second of the spaced timesteps comes twice.
PNDMTimesteps timesteps_without_runge_kutta(std::vector<double> spaced) {
    if (spaced.size() > 1) spaced.insert(spaced.begin() + 1, spaced[1]);
    return {.all = std::move(spaced)};
}

// Each Runge-Kutta step from a to b asks at a, twice in the middle, and at b.
PNDMTimesteps timesteps_with_runge_kutta(const std::vector<double>& spaced, int stride) {
    if (spaced.size() <= runge_kutta_steps)
        refuse("num_inference_steps", "the sampler pndm with skip_prk_steps false takes at least {} steps, not {}",
               runge_kutta_steps + 1, spaced.size());
    const int half_stride = stride / 2;
    PNDMTimesteps timesteps;
    for (std::size_t k = 0; k < runge_kutta_steps; ++k) {
        const double middle = spaced[k + 1] + half_stride;
        for (const double t : {spaced[k], middle, middle, spaced[k + 1]}) timesteps.runge_kutta.push_back(t);
    }
    timesteps.all = timesteps.runge_kutta;
    timesteps.all.insert(timesteps.all.end(), spaced.begin() + runge_kutta_steps, spaced.end());
    return timesteps;
}

}  // namespace

std::unique_ptr<Sampler> make_pndm(const SchedulerConfig& config, int steps, double) {
    const std::vector<double> spaced = spaced_timesteps(config, steps, Timesteps::whole);
    PNDMTimesteps timesteps = config.skip_prk_steps
                                  ? timesteps_without_runge_kutta(spaced)
                                  : timesteps_with_runge_kutta(spaced, config.num_train_timesteps / steps);
    std::vector<double> alphas_cumprod = make_alphas_cumprod(make_betas(config));
    SamplingPlan plan = plan_by_timesteps(config, steps, std::move(timesteps.all), alphas_cumprod);
    return std::make_unique<PNDMSampler>(config, std::move(plan), std::move(timesteps.runge_kutta),
                                         std::move(alphas_cumprod));
}

}  // namespace easel
