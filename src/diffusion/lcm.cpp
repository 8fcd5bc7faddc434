#include <cmath>

#include "base/error.h"
#include "diffusion/sampler_kind.h"
#include "diffusion/sampler_tools.h"
#include "diffusion/schedule.h"

namespace easel {
namespace {

// The standard deviation that Karras et al. 2022 take the data to have.
constexpr double sigma_data = 0.5;

/// Latent Consistency Models, Luo et al. 2023, Algorithm 3: from each timestep straight to x_0, and back with fresh
/// noise.
class LCMSampler final : public Sampler {
  public:
    using Sampler::Sampler;

    void step(std::span<const float> prediction, std::size_t i, std::span<float> latents,
              const NoiseSource& noise) override {
        x0_.resize(latents.size());
        predict_x0(config().prediction_type, prediction, latents, level(i), x0_);
        limit_x0(config(), x0_);

        // The consistency function of section 4.1, which is x itself at timestep 0.
        const double scaled = timesteps()[i] * config().timestep_scaling;
        const double square = scaled * scaled + sigma_data * sigma_data;
        const Term terms[] = {{sigma_data * sigma_data / square, latents}, {scaled / std::sqrt(square), x0_}};
        weighted_sum(terms, latents);

        if (i + 1 == timesteps().size()) return;
        drawn_.resize(latents.size());
        noise(drawn_);
        forward_jump(latents, drawn_, level(i + 1), latents);
    }

  private:
    std::vector<float> x0_, drawn_;
};

// Of the timesteps of the distillation, evenly spread, beginning with the last.
std::vector<double> lcm_timesteps(const SchedulerConfig& config, int steps) {
    const int original = config.original_inference_steps;
    if (original > config.num_train_timesteps)
        fail("original_inference_steps is {}, but must not exceed num_train_timesteps, {}", original,
             config.num_train_timesteps);
    const int used = static_cast<int>(original * config.part_of_original_steps);
    if (steps > used && used == original)
        refuse("num_inference_steps",
               "the sampler lcm takes at most {} steps, the original_inference_steps of its distillation, not {}",
               original, steps);
    if (steps > used)
        refuse("num_inference_steps",
               "at this strength the sampler lcm takes at most {} of the {} steps of its distillation, not {}", used,
               original, steps);
    const int stride = config.num_train_timesteps / original;
    const double spacing = static_cast<double>(used) / steps;
    std::vector<double> timesteps;
    timesteps.reserve(static_cast<std::size_t>(steps));
    for (int k = 0; k < steps; ++k) timesteps.push_back((used - std::floor(k * spacing)) * stride - 1.0);
    return timesteps;
}

constexpr std::string_view fields[] = {"original_inference_steps",   "timestep_scaling", "clip_sample",
                                       "clip_sample_range",          "set_alpha_to_one", "thresholding",
                                       "dynamic_thresholding_ratio", "sample_max_value", "rescale_betas_zero_snr"};

constexpr SimilarClass similar_classes[] = {{"TCDScheduler"}, {"CMStochasticIterativeScheduler"}};

}  // namespace

namespace samplers {
extern constinit const SamplerKind lcm = {
    .name = "lcm",
    .class_name = "LCMScheduler",
    .stored_name = "LCM",
    .fields = fields,
    .similar_classes = similar_classes,
    .takes_sample_predictions = true,
    .uses_steps_offset = false,
    .set_defaults =
        [](SchedulerConfig& config) {
            config.timestep_spacing = TimestepSpacing::leading;
            config.set_alpha_to_one = true;
            config.beta_start = 0.00085;
            config.beta_end = 0.012;
            config.beta_schedule = BetaSchedule::scaled_linear;
        },
    .plan = [](const SchedulerConfig& config,
               int steps) { return plan_by_timesteps(config, steps, lcm_timesteps(config, steps)); },
    .make = make_sampler_of<LCMSampler>,
};
}  // namespace samplers

}  // namespace easel
