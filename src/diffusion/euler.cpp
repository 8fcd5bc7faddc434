#include "diffusion/samplers.h"

namespace easel {
namespace {

/// Euler's method along the sigmas, Algorithm 2 of Karras et al. 2022 without its second-order correction or churn.
class EulerSampler final : public Sampler {
  public:
    EulerSampler(PredictionType prediction_type, SamplingPlan plan)
        : Sampler(std::move(plan)), prediction_type_(prediction_type) {}

    void step(std::span<const float> prediction, std::size_t i, std::span<float> latents, const NoiseSource&) override {
        // With x = x_0 + sigma * epsilon, dx/dsigma is epsilon.
        derivative_.resize(latents.size());
        predict_epsilon(prediction_type_, prediction, latents, level(i), derivative_);
        const Term terms[] = {{1.0, latents}, {sigmas()[i + 1] - sigmas()[i], derivative_}};
        weighted_sum(terms, latents);
    }

  private:
    PredictionType prediction_type_;
    std::vector<float> derivative_;
};

}  // namespace

std::unique_ptr<Sampler> make_euler(const SchedulerConfig& config, int steps, double) {
    return std::make_unique<EulerSampler>(config.prediction_type, plan_by_sigmas(config, steps));
}

}  // namespace easel
