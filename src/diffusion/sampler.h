#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <easel/easel.h>  // sampler_names()

#include "diffusion/plan.h"
#include "diffusion/process.h"
#include "diffusion/scheduler_config.h"

namespace easel {

/// Fills a span with numbers from the standard normal distribution, going on where it stopped before.
using NoiseSource = std::function<void(std::span<float>)>;

/// Reverse diffusion: turns noise into a sample, one prediction of the network at a time.
///
///     auto sampler = make_sampler(config, 20);
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

    /// Image to image: the index to begin at, so that about `strength` (0 to 1) of the steps are taken.
    /// timesteps().size() when that is none; pndm's call more than there are steps is always left.
    std::size_t first_step(double strength) const;

  protected:
    explicit Sampler(SamplingPlan plan) : plan_(std::move(plan)) {}
    int steps() const { return plan_.steps; }

  private:
    SamplingPlan plan_;
};

/// A sampler that takes `num_inference_steps` steps. `eta`, 0 to 1, is ddim's: 0 is deterministic, 1 adds as much noise
/// as DDPM. Throws Error when the configuration or the step count cannot be honoured.
std::unique_ptr<Sampler> make_sampler(const SchedulerConfig& config, int num_inference_steps, double eta = 0.0);

/// The sampler's name in the settings that programs store in pictures: "DPM++ 2M", "Euler a", ...
std::string parameters_name(const SchedulerConfig& config);

/// The reverse: the sampler of such a name, which may end in " Karras". Empty when no sampler here is called so.
struct NamedSampler {
    std::string sampler;
    SigmaSchedule schedule = SigmaSchedule::discrete;
    AlgorithmType algorithm_type = AlgorithmType::dpmsolver_pp;
};
std::optional<NamedSampler> sampler_by_parameters_name(std::string_view name);

}  // namespace easel
