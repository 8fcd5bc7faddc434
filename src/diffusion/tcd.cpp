#include <cmath>

#include "diffusion/sampler_kind.h"
#include "diffusion/sampler_tools.h"

namespace easel {
namespace {

/// Trajectory Consistency Distillation, Zheng et al. 2024, "strategic stochastic sampling": with s = (1 - gamma) times
/// the next timestep t', DDIM's step along the trajectory to s, then the forward process from s back up to t':
///
///     x(s) = sqrt(a(s)) x_0 + sqrt(1 - a(s)) epsilon,   x(t') = sqrt(a(t') / a(s)) x(s) + sqrt(1 - a(t') / a(s)) z
///
/// a is alpha_bar. Gamma is eta here, as in diffusers: 0 is deterministic, 1 is LCM's way by x_0. The last step ends at
/// timestep 0 without z.
class TCDSampler final : public Sampler {
  public:
    using Sampler::Sampler;

    void step(std::span<const float> prediction, std::size_t i, std::span<float> latents,
              const NoiseSource& noise) override {
        const bool is_last = i + 1 == timesteps().size();
        const double next = is_last ? 0.0 : timesteps()[i + 1];
        // In float32, as diffusers has it, which decides where the product is a whole number.
        const float below = std::floor(static_cast<float>(1.0 - eta()) * static_cast<float>(next));
        const double alpha_bar_below = alphas_cumprod()[static_cast<std::size_t>(below)];

        x0_.resize(latents.size());
        epsilon_.resize(latents.size());
        predict_x0(config().prediction_type, prediction, latents, level(i), x0_);
        predict_epsilon(config().prediction_type, prediction, latents, level(i), epsilon_);
        forward_jump(x0_, epsilon_, variance_preserving(alpha_bar_below), latents);

        if (is_last || eta() == 0.0) return;
        const double ratio = alphas_cumprod()[static_cast<std::size_t>(next)] / alpha_bar_below;
        noise(epsilon_);
        forward_step(latents, epsilon_, 1.0 - ratio, latents);
    }

  private:
    std::vector<float> x0_, epsilon_;
};

constexpr std::string_view fields[] = {"original_inference_steps", "rescale_betas_zero_snr"};

}  // namespace

namespace samplers {
extern constinit const SamplerKind tcd = {
    .name = "tcd",
    .class_name = "TCDScheduler",
    .stored_name = "TCD",
    .fields = fields,
    .takes_sample_predictions = true,
    .default_eta = 0.3,
    .uses_steps_offset = false,
    .set_defaults =
        [](SchedulerConfig& config) {
            config.timestep_spacing = TimestepSpacing::leading;
            config.beta_start = 0.00085;
            config.beta_end = 0.012;
            config.beta_schedule = BetaSchedule::scaled_linear;
        },
    .plan = plan_by_distillation,
    .make = make_sampler_of<TCDSampler>,
};
}  // namespace samplers

}  // namespace easel
