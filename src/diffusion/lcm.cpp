#include <cmath>

#include "diffusion/sampler_kind.h"
#include "diffusion/sampler_tools.h"

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

constexpr std::string_view fields[] = {"original_inference_steps",   "timestep_scaling", "clip_sample",
                                       "clip_sample_range",          "set_alpha_to_one", "thresholding",
                                       "dynamic_thresholding_ratio", "sample_max_value", "rescale_betas_zero_snr"};

constexpr std::string_view similar_classes[] = {"CMStochasticIterativeScheduler"};

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
    .plan = plan_by_distillation,
    .make = make_sampler_of<LCMSampler>,
};
}  // namespace samplers

}  // namespace easel
