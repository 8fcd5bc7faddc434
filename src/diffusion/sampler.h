#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "diffusion/forward_process.h"
#include "diffusion/plan.h"
#include "diffusion/scheduler_config.h"

namespace easel {

/// Fills a span with numbers from the standard normal distribution, going on where it stopped before.
using NoiseSource = std::function<void(std::span<float>)>;

/// Reverse diffusion: turns noise into a sample, one prediction of the network at a time.
///
///     auto sampler = make_sampler(make_plan(config, 20));
///     latents = noise * sampler->initial_noise_scale();
///     for (std::size_t i = 0; i < sampler->timesteps().size(); ++i) {
///         sampler->scale_input(latents, i, input);
///         sampler->step(network(input, sampler->timesteps()[i]), i, latents, noise_source);
///     }
///
/// A sampler remembers its last steps: each sample takes a new one, whose steps are taken in order from the first
/// index.
class Sampler {
  public:
    explicit Sampler(SamplingPlan plan) : plan_(std::move(plan)) {}
    virtual ~Sampler() = default;

    /// What the network is told, one entry for each time it is asked: pndm asks once more than there are steps, heun
    /// twice a step. May be fractions.
    std::span<const double> timesteps() const { return plan_.timesteps; }

    /// The noise-to-signal ratio at each timestep and after the last, where the sampler counts in such; else empty.
    std::span<const double> sigmas() const { return plan_.sigmas; }

    /// What the noise to begin from is multiplied by.
    double initial_noise_scale() const { return plan_.initial_noise_scale; }

    /// What the network is shown at timesteps()[i].
    void scale_input(std::span<const float> latents, std::size_t i, std::span<float> out) const;

    /// Takes `latents` from timesteps()[i] to the next, given the network's prediction. Draws from `noise` a number for
    /// each latent where the sampler is a stochastic one: ddim with eta above 0, euler_a, stochastic dpmpp_2m at each
    /// step; ddpm at each but timestep 0; lcm at each but the last.
    virtual void step(std::span<const float> prediction, std::size_t i, std::span<float> latents,
                      const NoiseSource& noise) = 0;

    /// The clean `original` at the noise level of timesteps()[i].
    void add_noise(std::span<const float> original, std::span<const float> noise, std::size_t i,
                   std::span<float> out) const;

    /// How noisy the latents are at timesteps()[i].
    NoiseLevel level(std::size_t i) const { return plan_.levels[i]; }

    /// SamplingPlan::first_step().
    std::size_t first_step(double strength) const { return plan_.first_step(strength); }

  protected:
    const SchedulerConfig& config() const { return plan_.config; }
    double eta() const { return plan_.eta; }
    int steps() const { return plan_.steps; }
    std::span<const double> alphas_cumprod() const { return plan_.alphas_cumprod; }

  private:
    SamplingPlan plan_;
};

/// Plans `num_inference_steps` steps. `eta`, 0 to 1, is ddim's: 0 is deterministic, 1 adds as much noise as DDPM.
/// Throws Error when the configuration contradicts itself, or cannot be honoured with so many steps.
SamplingPlan make_plan(const SchedulerConfig& config, int num_inference_steps, double eta = 0.0);

/// A sampler at the beginning of a plan that make_plan() made.
std::unique_ptr<Sampler> make_sampler(SamplingPlan plan);

}  // namespace easel
