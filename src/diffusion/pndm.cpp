#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "diffusion/sampler_kind.h"
#include "diffusion/sampler_tools.h"
#include "diffusion/schedule.h"

namespace easel {
namespace {

constexpr std::size_t runge_kutta_steps = 3, calls_per_runge_kutta_step = 4;

/// Pseudo Numerical Methods for Diffusion Models, Liu et al. 2022: linear multistep with four predictions of the noise,
/// which the first three steps collect by Runge-Kutta's method, or, with skip_prk_steps, by methods of lower order.
class PNDMSampler final : public Sampler {
  public:
    explicit PNDMSampler(SamplingPlan plan)
        : Sampler(std::move(plan)),
          runge_kutta_calls_(config().skip_prk_steps ? 0 : runge_kutta_steps * calls_per_runge_kutta_step),
          stride_(config().num_train_timesteps / steps()) {}

    void step(std::span<const float> prediction, std::size_t i, std::span<float> latents, const NoiseSource&) override {
        const auto timestep = static_cast<int>(timesteps()[i]);
        if (calls_ < runge_kutta_calls_)
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
        const auto from = static_cast<int>(timesteps()[calls_ - call]);
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
        terms.reserve(predictions_.size());
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
        predict_epsilon(config().prediction_type, prediction, sample, variance_preserving(now), epsilon);
        const double divisor = now * std::sqrt(1.0 - next) + std::sqrt(now * (1.0 - now) * next);
        const Term terms[] = {{std::sqrt(next / now), sample}, {-(next - now) / divisor, epsilon}};
        weighted_sum(terms, out);
    }

    double alpha_bar_at(int timestep) const {
        if (timestep >= 0) return alphas_cumprod()[static_cast<std::size_t>(timestep)];
        return config().set_alpha_to_one ? 1.0 : alphas_cumprod()[0];
    }

    std::size_t runge_kutta_calls_;
    int stride_;
    std::size_t calls_ = 0;
    History predictions_{4};
    std::vector<float> start_, gathered_;
};

// The second of the spaced timesteps comes twice.
std::vector<double> timesteps_without_runge_kutta(std::vector<double> spaced) {
    if (spaced.size() > 1) spaced.insert(spaced.begin() + 1, spaced[1]);
    return spaced;
}

// Each Runge-Kutta step from a to b asks at a, twice in the middle, and at b.
std::vector<double> timesteps_with_runge_kutta(const std::vector<double>& spaced, int stride) {
    if (spaced.size() <= runge_kutta_steps)
        refuse("num_inference_steps", "the sampler pndm with skip_prk_steps false takes at least {} steps, not {}",
               runge_kutta_steps + 1, spaced.size());
    const int half_stride = stride / 2;
    std::vector<double> timesteps;
    for (std::size_t k = 0; k < runge_kutta_steps; ++k) {
        const double middle = spaced[k + 1] + half_stride;
        for (const double t : {spaced[k], middle, middle, spaced[k + 1]}) timesteps.push_back(t);
    }
    timesteps.insert(timesteps.end(), spaced.begin() + runge_kutta_steps, spaced.end());
    return timesteps;
}

SamplingPlan plan_pndm(const SchedulerConfig& config, int steps) {
    const std::vector<double> spaced = spaced_timesteps(config, steps, Timesteps::whole);
    return plan_by_timesteps(config, steps,
                             config.skip_prk_steps
                                 ? timesteps_without_runge_kutta(spaced)
                                 : timesteps_with_runge_kutta(spaced, config.num_train_timesteps / steps));
}

constexpr std::string_view fields[] = {"skip_prk_steps", "set_alpha_to_one"};

}  // namespace

namespace samplers {
extern constinit const SamplerKind pndm = {
    .name = "pndm",
    .class_name = "PNDMScheduler",
    .stored_name = "PLMS",
    .fields = fields,
    .set_defaults = [](SchedulerConfig& config) { config.timestep_spacing = TimestepSpacing::leading; },
    .plan = plan_pndm,
    .make = make_sampler_of<PNDMSampler>,
};
}  // namespace samplers

}  // namespace easel
