#include <cmath>

#include "diffusion/samplers.h"

namespace easel {
namespace {

/// Ancestral sampling along the sigmas, as k-diffusion does it: a step of Euler to below the next sigma, then as much
/// noise as brings it back up.
class EulerAncestralSampler final : public Sampler {
  public:
    EulerAncestralSampler(PredictionType prediction_type, SamplingPlan plan)
        : Sampler(std::move(plan)), prediction_type_(prediction_type) {}

    void step(std::span<const float> prediction, std::size_t i, std::span<float> latents,
              const NoiseSource& noise) override {
        const double from = sigmas()[i], to = sigmas()[i + 1];
        const double up = std::sqrt(to * to * (from * from - to * to) / (from * from));
        const double down = std::sqrt(to * to - up * up);

        derivative_.resize(latents.size());
        predict_epsilon(prediction_type_, prediction, latents, level(i), derivative_);
        const Term terms[] = {{1.0, latents}, {down - from, derivative_}};
        weighted_sum(terms, latents);
        add_fresh_noise(up, noise, latents);
    }

  private:
    PredictionType prediction_type_;
    std::vector<float> derivative_;
};

}  // namespace

std::unique_ptr<Sampler> make_euler_a(const SchedulerConfig& config, int steps, double) {
    return std::make_unique<EulerAncestralSampler>(config.prediction_type, plan_by_sigmas(config, steps));
}

}  // namespace easel
