#include <cmath>

#include "diffusion/sampler_kind.h"
#include "diffusion/sampler_tools.h"

namespace easel {
namespace {

/// Ancestral sampling along the sigmas, as k-diffusion does it: a step of Euler to below the next sigma, then as much
/// noise as brings it back up.
class EulerAncestralSampler final : public Sampler {
  public:
    using Sampler::Sampler;

    void step(std::span<const float> prediction, std::size_t i, std::span<float> latents,
              const NoiseSource& noise) override {
        const double from = sigmas()[i], to = sigmas()[i + 1];
        const double up = std::sqrt(to * to * (from * from - to * to) / (from * from));
        const double down = std::sqrt(to * to - up * up);

        derivative_.resize(latents.size());
        predict_epsilon(config().prediction_type, prediction, latents, level(i), derivative_);
        const Term terms[] = {{1.0, latents}, {down - from, derivative_}};
        weighted_sum(terms, latents);
        add_fresh_noise(up, noise, latents);
    }

  private:
    std::vector<float> derivative_;
};

constexpr std::string_view fields[] = {"rescale_betas_zero_snr"};

constexpr std::string_view similar_classes[] = {"KDPM2AncestralDiscreteScheduler"};

}  // namespace

namespace samplers {
extern constinit const SamplerKind euler_a = {
    .name = "euler_a",
    .class_name = "EulerAncestralDiscreteScheduler",
    .stored_name = "Euler a",
    .fields = fields,
    .similar_classes = similar_classes,
    .plan = plan_by_sigmas,
    .make = make_sampler_of<EulerAncestralSampler>,
};
}  // namespace samplers

}  // namespace easel
