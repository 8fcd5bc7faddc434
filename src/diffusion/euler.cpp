#include "diffusion/sampler_kind.h"
#include "diffusion/sampler_tools.h"

namespace easel {
namespace {

/// Euler's method along the sigmas, Algorithm 2 of Karras et al. 2022 without its second-order correction or churn.
class EulerSampler final : public Sampler {
  public:
    using Sampler::Sampler;

    void step(std::span<const float> prediction, std::size_t i, std::span<float> latents, const NoiseSource&) override {
        // With x = x_0 + sigma * epsilon, dx/dsigma is epsilon.
        derivative_.resize(latents.size());
        predict_epsilon(config().prediction_type, prediction, latents, level(i), derivative_);
        const Term terms[] = {{1.0, latents}, {sigmas()[i + 1] - sigmas()[i], derivative_}};
        weighted_sum(terms, latents);
    }

  private:
    std::vector<float> derivative_;
};

constexpr std::string_view fields[] = {"use_karras_sigmas",
                                       "use_exponential_sigmas",
                                       "use_beta_sigmas",
                                       "sigma_min",
                                       "sigma_max",
                                       "interpolation_type",
                                       "timestep_type",
                                       "final_sigmas_type",
                                       "rescale_betas_zero_snr"};

}  // namespace

namespace samplers {
extern constinit const SamplerKind euler = {
    .name = "euler",
    .class_name = "EulerDiscreteScheduler",
    .stored_name = "Euler",
    .fields = fields,
    .takes_sample_predictions = true,
    .plan = plan_by_sigmas,
    .make = make_sampler_of<EulerSampler>,
};
}  // namespace samplers

}  // namespace easel
