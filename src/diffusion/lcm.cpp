#include <cmath>

#include "base/error.h"
#include "diffusion/samplers.h"
#include "diffusion/schedule.h"

namespace easel {
namespace {

// The standard deviation that Karras et al. 2022 take the data to have.
constexpr double sigma_data = 0.5;

/// Latent Consistency Models, Luo et al. 2023, Algorithm 3: from each timestep straight to x_0, and back with fresh
/// noise.
class LCMSampler final : public Sampler {
  public:
    LCMSampler(const SchedulerConfig& config, SamplingPlan plan) : Sampler(std::move(plan)), config_(config) {}

    void step(std::span<const float> prediction, std::size_t i, std::span<float> latents,
              const NoiseSource& noise) override {
        x0_.resize(latents.size());
        predict_x0(config_.prediction_type, prediction, latents, level(i), x0_);
        limit_x0(config_, x0_);

        // The consistency function of section 4.1, which is x itself at timestep 0.
        const double scaled = timesteps()[i] * config_.timestep_scaling;
        const double square = scaled * scaled + sigma_data * sigma_data;
        const Term terms[] = {{sigma_data * sigma_data / square, latents}, {scaled / std::sqrt(square), x0_}};
        weighted_sum(terms, latents);

        if (i + 1 == timesteps().size()) return;
        drawn_.resize(latents.size());
        noise(drawn_);
        forward_jump(latents, drawn_, level(i + 1), latents);
    }

  private:
    SchedulerConfig config_;
    std::vector<float> x0_, drawn_;
};

// Of the timesteps of the distillation, evenly spread, beginning with the last.
std::vector<double> lcm_timesteps(const SchedulerConfig& config, int steps) {
    const int original = config.original_inference_steps;
    if (original > config.num_train_timesteps)
        fail("original_inference_steps is {}, but must not be above num_train_timesteps, {}", original,
             config.num_train_timesteps);
    if (steps > original)
        refuse("num_inference_steps",
               "the sampler lcm takes at most {} steps, the original_inference_steps of its distillation, not {}",
               original, steps);
    const int stride = config.num_train_timesteps / original;
    const double spacing = static_cast<double>(original) / steps;
    std::vector<double> timesteps;
    timesteps.reserve(static_cast<std::size_t>(steps));
    for (int k = 0; k < steps; ++k) timesteps.push_back((original - std::floor(k * spacing)) * stride - 1.0);
    return timesteps;
}

}  // namespace

std::unique_ptr<Sampler> make_lcm(const SchedulerConfig& config, int steps, double) {
    SamplingPlan plan =
        plan_by_timesteps(config, steps, lcm_timesteps(config, steps), make_alphas_cumprod(make_betas(config)));
    return std::make_unique<LCMSampler>(config, std::move(plan));
}

}  // namespace easel
