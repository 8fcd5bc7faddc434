#include <algorithm>
#include <cmath>

#include "diffusion/samplers.h"
#include "diffusion/schedule.h"

namespace easel {
namespace {

/// Denoising Diffusion Implicit Models, Song et al. 2021.
class DDIMSampler final : public Sampler {
  public:
    DDIMSampler(const SchedulerConfig& config, SamplingPlan plan, std::vector<double> alphas_cumprod, double eta)
        : Sampler(std::move(plan)), config_(config), alphas_cumprod_(std::move(alphas_cumprod)), eta_(eta) {
        stride_ = config.num_train_timesteps / steps();
        final_alpha_cumprod_ = config.set_alpha_to_one ? 1.0 : alphas_cumprod_[0];
    }

    void step(std::span<const float> prediction, std::size_t i, std::span<float> latents,
              const NoiseSource& noise) override {
        const auto timestep = static_cast<int>(timesteps()[i]);
        const double alpha_bar = alphas_cumprod_[timestep];
        const double previous = timestep >= stride_ ? alphas_cumprod_[timestep - stride_] : final_alpha_cumprod_;

        x0_.resize(latents.size());
        epsilon_.resize(latents.size());
        predict_x0(config_.prediction_type, prediction, latents, level(i), x0_);
        predict_epsilon(config_.prediction_type, prediction, latents, level(i), epsilon_);
        limit_x0(config_, x0_);

        // Eq. (12): the predicted x_0, the direction pointing to x_t, and fresh noise of Eq. (16)'s deviation.
        const double deviation = eta_ * std::sqrt((1.0 - previous) / (1.0 - alpha_bar) * (1.0 - alpha_bar / previous));
        const double direction = std::sqrt(std::max(0.0, 1.0 - previous - deviation * deviation));
        forward_jump(x0_, epsilon_, {.signal = std::sqrt(previous), .noise = direction}, latents);
        if (eta_ > 0.0) add_fresh_noise(deviation, noise, latents);
    }

  private:
    SchedulerConfig config_;
    std::vector<double> alphas_cumprod_;
    double eta_;
    int stride_ = 1;
    double final_alpha_cumprod_ = 1.0;
    std::vector<float> x0_, epsilon_;
};

}  // namespace

std::unique_ptr<Sampler> make_ddim(const SchedulerConfig& config, int steps, double eta) {
    std::vector<double> alphas_cumprod = make_alphas_cumprod(make_betas(config));
    SamplingPlan plan =
        plan_by_timesteps(config, steps, spaced_timesteps(config, steps, Timesteps::whole), alphas_cumprod);
    return std::make_unique<DDIMSampler>(config, std::move(plan), std::move(alphas_cumprod), eta);
}

}  // namespace easel
