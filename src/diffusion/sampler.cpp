#include "diffusion/sampler.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "diffusion/sampler_kind.h"
#include "diffusion/scheduler_check.h"

namespace easel {
namespace {

constexpr int most_steps = 1000;

}  // namespace

SamplingPlan make_plan(const SchedulerConfig& config, int num_inference_steps, std::optional<double> eta) {
    check(config);
    const int most = std::min(most_steps, config.num_train_timesteps);
    if (num_inference_steps < 1 || num_inference_steps > most)
        refuse_value("num_inference_steps", num_inference_steps, "give 1 to {}", most);
    if (eta && !(*eta >= 0.0 && *eta <= 1.0)) refuse_value("eta", *eta, "give a number from 0 to 1");
    SamplingPlan plan = config.sampler->plan(config, num_inference_steps);
    plan.eta = eta ? *eta : config.sampler->default_eta.value_or(0.0);
    return plan;
}

std::unique_ptr<Sampler> make_sampler(SamplingPlan plan) {
    const SamplerKind& kind = *plan.config.sampler;
    return kind.make(std::move(plan));
}

void Sampler::scale_input(std::span<const float> latents, std::size_t i, std::span<float> out) const {
    const double norm = std::hypot(level(i).signal, level(i).noise);
    std::transform(latents.begin(), latents.end(), out.begin(),
                   [norm](float latent) { return static_cast<float>(latent / norm); });
}

void Sampler::add_noise(std::span<const float> original, std::span<const float> noise, std::size_t i,
                        std::span<float> out) const {
    forward_jump(original, noise, level(i), out);
}

}  // namespace easel
