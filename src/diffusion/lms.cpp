#include <algorithm>
#include <cmath>

#include "diffusion/sampler_kind.h"
#include "diffusion/sampler_tools.h"

namespace easel {
namespace {

constexpr std::size_t most_derivatives = 4;

/// The linear multistep method along the sigmas, as k-diffusion does it: Adams and Bashforth's for uneven steps.
class LMSSampler final : public Sampler {
  public:
    using Sampler::Sampler;

    void step(std::span<const float> prediction, std::size_t i, std::span<float> latents, const NoiseSource&) override {
        std::vector<float> derivative(latents.size());
        predict_epsilon(config().prediction_type, prediction, latents, level(i), derivative);
        derivatives_.push(derivative);

        // The order follows the place in the schedule. Where sampling begins in its midst there are fewer derivatives
        // at first; diffusers leaves the missing ones out of the sum, and so do we.
        const std::size_t order = std::min(i + 1, most_derivatives);
        std::vector<Term> terms = {{1.0, latents}};
        for (std::size_t age = 0; age < std::min(order, derivatives_.size()); ++age)
            terms.push_back({coefficient(order, i, age), derivatives_[age]});
        weighted_sum(terms, latents);
    }

  private:
    // The integral, over the step, of the Lagrange polynomial that is 1 at the sigma of the derivative of that age and
    // 0 at the others'. Gauss's rule with two points is exact up to the third degree.
    double coefficient(std::size_t order, std::size_t i, std::size_t age) const {
        const auto sigma = sigmas();
        const auto polynomial = [&](double at) {
            double product = 1.0;
            for (std::size_t k = 0; k < order; ++k)
                if (k != age) product *= (at - sigma[i - k]) / (sigma[i - age] - sigma[i - k]);
            return product;
        };
        const double half = 0.5 * (sigma[i + 1] - sigma[i]), middle = 0.5 * (sigma[i + 1] + sigma[i]);
        const double offset = half / std::sqrt(3.0);
        return half * (polynomial(middle - offset) + polynomial(middle + offset));
    }

    History derivatives_{most_derivatives};
};

constexpr std::string_view fields[] = {"use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas"};

}  // namespace

namespace samplers {
extern constinit const SamplerKind lms = {
    .name = "lms",
    .class_name = "LMSDiscreteScheduler",
    .stored_name = "LMS",
    .fields = fields,
    .takes_sample_predictions = true,
    .plan = plan_by_sigmas,
    .make = make_sampler_of<LMSSampler>,
};
}  // namespace samplers

}  // namespace easel
