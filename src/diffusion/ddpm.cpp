#include <algorithm>
#include <cmath>

#include "diffusion/sampler_kind.h"
#include "diffusion/sampler_tools.h"
#include "diffusion/schedule.h"

namespace easel {
namespace {

constexpr double least_variance = 1e-20;

/// Denoising Diffusion Probabilistic Models, Ho et al. 2020, Algorithm 2, over some of the timesteps.
class DDPMSampler final : public Sampler {
  public:
    using Sampler::Sampler;

    void step(std::span<const float> prediction, std::size_t i, std::span<float> latents,
              const NoiseSource& noise) override {
        const double alpha_bar = alpha_bar_at(i), previous = alpha_bar_at(i + 1);
        x0_.resize(latents.size());
        predict_x0(config().prediction_type, prediction, latents, level(i), x0_);
        limit_x0(config(), x0_);

        const Posterior reverse = posterior(alpha_bar, previous);
        posterior_mean(reverse, x0_, latents, latents);
        if (timesteps()[i] == 0.0) return;
        const double variance = config().variance_type == VarianceType::fixed_large
                                    ? 1.0 - alpha_bar / previous
                                    : std::max(reverse.variance, least_variance);
        add_fresh_noise(std::sqrt(variance), noise, latents);
    }

  private:
    double alpha_bar_at(std::size_t i) const {
        return i < timesteps().size() ? alphas_cumprod()[static_cast<std::size_t>(timesteps()[i])] : 1.0;
    }

    std::vector<float> x0_;
};

constexpr std::string_view fields[] = {
    "variance_type",    "clip_sample",           "clip_sample_range", "thresholding", "dynamic_thresholding_ratio",
    "sample_max_value", "rescale_betas_zero_snr"};

}  // namespace

namespace samplers {
extern constinit const SamplerKind ddpm = {
    .name = "ddpm",
    .class_name = "DDPMScheduler",
    .stored_name = "DDPM",
    .fields = fields,
    .takes_sample_predictions = true,
    .set_defaults =
        [](SchedulerConfig& config) {
            config.timestep_spacing = TimestepSpacing::leading;
            config.clip_sample = true;
        },
    .plan =
        [](const SchedulerConfig& config, int steps) {
            return plan_by_timesteps(config, steps, spaced_timesteps(config, steps, Timesteps::whole));
        },
    .make = make_sampler_of<DDPMSampler>,
};
}  // namespace samplers

}  // namespace easel
