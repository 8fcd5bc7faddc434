#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "diffusion/forward_process.h"
#include "diffusion/plan.h"
#include "diffusion/scheduler_config.h"

namespace easel {

/// Fills a span with the next numbers from the standard normal distribution.
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
/// A sampler remembers its last steps: each sample needs a new sampler, whose steps are taken in order from the first
/// index.
class Sampler {
  public:
    explicit Sampler(SamplingPlan plan) : plan_(std::move(plan)) {}
    virtual ~Sampler() = default;

    /// The timesteps that the network is given, one for each call: pndm makes one call more than there are steps, heun
    /// and dpmpp_sde two for each step but the last. May be fractions.
    std::span<const double> timesteps() const { return plan_.timesteps; }

    /// The noise-to-signal ratio at each timestep and after the last if the sampler uses it; otherwise empty.
    std::span<const double> sigmas() const { return plan_.sigmas; }

    /// The factor for the starting noise.
    double initial_noise_scale() const { return plan_.initial_noise_scale; }

    /// The network's input at timesteps()[i].
    void scale_input(std::span<const float> latents, std::size_t i, std::span<float> out) const;

    /// Takes `latents` from timesteps()[i] to the next, given the network's prediction. A stochastic sampler draws a
    /// number from `noise` for each latent: ddim with eta above 0, euler_a and stochastic dpmpp_2m at each step; ddpm
    /// at each step except timestep 0; lcm and tcd with eta above 0 at each step except the last; dpmpp_sde at each
    /// call except the last.
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

/// Plans `num_inference_steps` steps. `eta`, 0 to 1, is ddim's and tcd's; empty: SamplerKind::default_eta. Throws Error
/// if the configuration contradicts itself or does not allow that many steps.
SamplingPlan make_plan(const SchedulerConfig& config, int num_inference_steps, std::optional<double> eta = {});

/// A sampler at the beginning of a plan that make_plan() made.
std::unique_ptr<Sampler> make_sampler(SamplingPlan plan);

}  // namespace easel
