#include <algorithm>
#include <cmath>

#include "diffusion/samplers.h"
#include "diffusion/schedule.h"

namespace easel {
namespace {

constexpr double least_variance = 1e-20;

/// Denoising Diffusion Probabilistic Models, Ho et al. 2020, Algorithm 2, over some of the timesteps.
class DDPMSampler final : public Sampler {
  public:
    DDPMSampler(const SchedulerConfig& config, SamplingPlan plan, std::vector<double> alphas_cumprod)
        : Sampler(std::move(plan)), config_(config), alphas_cumprod_(std::move(alphas_cumprod)) {}

    void step(std::span<const float> prediction, std::size_t i, std::span<float> latents,
              const NoiseSource& noise) override {
        const double alpha_bar = alpha_bar_at(i), previous = alpha_bar_at(i + 1);
        x0_.resize(latents.size());
        predict_x0(config_.prediction_type, prediction, latents, level(i), x0_);
        limit_x0(config_, x0_);

        const Posterior reverse = posterior(alpha_bar, previous);
        posterior_mean(reverse, x0_, latents, latents);
        if (timesteps()[i] == 0.0) return;
        const double variance = config_.variance_type == VarianceType::fixed_large
                                    ? 1.0 - alpha_bar / previous
                                    : std::max(reverse.variance, least_variance);
        add_fresh_noise(std::sqrt(variance), noise, latents);
    }

  private:
    double alpha_bar_at(std::size_t i) const {
        return i < timesteps().size() ? alphas_cumprod_[static_cast<std::size_t>(timesteps()[i])] : 1.0;
    }

    SchedulerConfig config_;
    std::vector<double> alphas_cumprod_;
    std::vector<float> x0_;
};

}  // namespace

std::unique_ptr<Sampler> make_ddpm(const SchedulerConfig& config, int steps, double) {
    std::vector<double> alphas_cumprod = make_alphas_cumprod(make_betas(config));
    SamplingPlan plan =
        plan_by_timesteps(config, steps, spaced_timesteps(config, steps, Timesteps::whole), alphas_cumprod);
    return std::make_unique<DDPMSampler>(config, std::move(plan), std::move(alphas_cumprod));
}

}  // namespace easel
