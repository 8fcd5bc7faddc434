#include <algorithm>
#include <cmath>

#include "diffusion/sampler_kind.h"
#include "diffusion/sampler_tools.h"
#include "diffusion/schedule.h"

namespace easel {
namespace {

/// Denoising Diffusion Implicit Models, Song et al. 2021.
class DDIMSampler final : public Sampler {
  public:
    explicit DDIMSampler(SamplingPlan plan)
        : Sampler(std::move(plan)),
          stride_(config().num_train_timesteps / steps()),
          final_alpha_cumprod_(config().set_alpha_to_one ? 1.0 : alphas_cumprod()[0]) {}

    void step(std::span<const float> prediction, std::size_t i, std::span<float> latents,
              const NoiseSource& noise) override {
        const auto timestep = static_cast<int>(timesteps()[i]);
        const double alpha_bar = alphas_cumprod()[timestep];
        const double previous = timestep >= stride_ ? alphas_cumprod()[timestep - stride_] : final_alpha_cumprod_;

        x0_.resize(latents.size());
        epsilon_.resize(latents.size());
        predict_x0(config().prediction_type, prediction, latents, level(i), x0_);
        predict_epsilon(config().prediction_type, prediction, latents, level(i), epsilon_);
        limit_x0(config(), x0_);

        // Eq. (12): the predicted x_0, the direction pointing to x_t, and fresh noise of Eq. (16)'s deviation.
        const double deviation = eta() * std::sqrt((1.0 - previous) / (1.0 - alpha_bar) * (1.0 - alpha_bar / previous));
        const double direction = std::sqrt(std::max(0.0, 1.0 - previous - deviation * deviation));
        forward_jump(x0_, epsilon_, {.signal = std::sqrt(previous), .noise = direction}, latents);
        if (eta() > 0.0) add_fresh_noise(deviation, noise, latents);
    }

  private:
    int stride_;
    double final_alpha_cumprod_;
    std::vector<float> x0_, epsilon_;
};

constexpr std::string_view fields[] = {"clip_sample",           "clip_sample_range",          "set_alpha_to_one",
                                       "thresholding",          "dynamic_thresholding_ratio", "sample_max_value",
                                       "rescale_betas_zero_snr"};

}  // namespace

namespace samplers {
extern constinit const SamplerKind ddim = {
    .name = "ddim",
    .class_name = "DDIMScheduler",
    .stored_name = "DDIM",
    .fields = fields,
    .takes_sample_predictions = true,
    .default_eta = 0.0,
    .set_defaults =
        [](SchedulerConfig& config) {
            config.timestep_spacing = TimestepSpacing::leading;
            config.clip_sample = true;
            config.set_alpha_to_one = true;
        },
    .plan =
        [](const SchedulerConfig& config, int steps) {
            return plan_by_timesteps(config, steps, spaced_timesteps(config, steps, Timesteps::whole));
        },
    .make = make_sampler_of<DDIMSampler>,
};
}  // namespace samplers

}  // namespace easel
