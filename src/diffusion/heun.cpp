#include "diffusion/sampler_kind.h"
#include "diffusion/sampler_tools.h"

namespace easel {
namespace {

/// Heun's method, Algorithm 1 of Karras et al. 2022: a step of Euler, and a second one with the mean of the derivatives
/// at its two ends. The network is called twice for each step, but once for the last, which is an Euler step.
class HeunSampler final : public Sampler {
  public:
    using Sampler::Sampler;

    void step(std::span<const float> prediction, std::size_t i, std::span<float> latents, const NoiseSource&) override {
        derivative_.resize(latents.size());
        predict_x0(config().prediction_type, prediction, latents, level(i), derivative_);
        limit_x0(config(), derivative_);
        const double sigma = sigmas()[i];
        const Term slope[] = {{1.0 / sigma, latents}, {-1.0 / sigma, derivative_}};
        weighted_sum(slope, derivative_);

        if (at_first_derivative_) {
            start_.assign(latents.begin(), latents.end());
            first_derivative_ = derivative_;
            const Term terms[] = {{1.0, start_}, {sigmas()[i + 1] - sigma, derivative_}};
            weighted_sum(terms, latents);
        } else {
            const double half = 0.5 * (sigma - sigmas()[i - 1]);
            const Term terms[] = {{1.0, start_}, {half, first_derivative_}, {half, derivative_}};
            weighted_sum(terms, latents);
        }
        at_first_derivative_ = !at_first_derivative_;
    }

  private:
    bool at_first_derivative_ = true;
    std::vector<float> derivative_, first_derivative_, start_;
};

// Where the second derivative is taken, the next step begins too: all but the first come twice.
template <typename T>
std::vector<T> doubled(const std::vector<T>& values) {
    std::vector<T> twice(values.begin(), values.begin() + 1);
    for (std::size_t i = 1; i < values.size(); ++i) twice.insert(twice.end(), 2, values[i]);
    return twice;
}

SamplingPlan plan_heun(const SchedulerConfig& config, int steps) {
    SamplingPlan plan = plan_by_sigmas(config, steps);
    plan.timesteps = doubled(plan.timesteps);
    plan.levels = doubled(plan.levels);
    plan.sigmas = doubled(plan.sigmas);
    plan.sigmas.pop_back();
    plan.calls_per_step = 2;
    return plan;
}

constexpr std::string_view fields[] = {"use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas", "clip_sample",
                                       "clip_sample_range"};

constexpr std::string_view similar_classes[] = {"KDPM2DiscreteScheduler"};

}  // namespace

namespace samplers {
extern constinit const SamplerKind heun = {
    .name = "heun",
    .class_name = "HeunDiscreteScheduler",
    .stored_name = "Heun",
    .fields = fields,
    .similar_classes = similar_classes,
    .calls_per_step = 2,
    .takes_sample_predictions = true,
    .set_defaults =
        [](SchedulerConfig& config) {
            config.beta_start = 0.00085;
            config.beta_end = 0.012;
        },
    .plan = plan_heun,
    .make = make_sampler_of<HeunSampler>,
};
}  // namespace samplers

}  // namespace easel
