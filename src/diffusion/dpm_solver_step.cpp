#include "diffusion/dpm_solver_step.h"

#include <cmath>

#include "base/error.h"
#include "diffusion/sampler_tools.h"

namespace easel {

DPMSolverStep dpm_solver_step(AlgorithmType algorithm_type, double from, double to, bool midpoint) {
    const bool stochastic = is_stochastic(algorithm_type), x0 = extrapolates_x0(algorithm_type);
    const NoiseLevel now = variance_preserving(1.0 / (1.0 + from * from));
    const NoiseLevel next = variance_preserving(1.0 / (1.0 + to * to));
    // lambda = log(signal / noise) = -log(sigma), infinite where no noise is left.
    const double h = std::log(from) - std::log(to);
    const double exponent = x0 ? (stochastic ? -2.0 * h : -h) : h;
    const double growth = std::expm1(exponent);
    const double scale = x0 ? next.signal : next.noise * (stochastic ? 2.0 : 1.0);

    DPMSolverStep step;
    step.of_sample = x0 ? next.noise / now.noise * (stochastic ? std::exp(-h) : 1.0) : next.signal / now.signal;
    step.of_output = -scale * growth;
    step.of_first = scale * (midpoint ? -0.5 * growth : 1.0 - growth / exponent);
    // diffusers takes the half off where the equation is stochastic.
    step.of_second = scale * ((stochastic ? -0.5 : 0.5) - (growth - exponent) / (exponent * exponent));
    if (stochastic) step.of_noise = next.noise * std::sqrt(x0 ? -std::expm1(-2.0 * h) : std::expm1(2.0 * h));
    return step;
}

void check_last_sigma(const SchedulerConfig& config) {
    if (!extrapolates_x0(config.algorithm_type) && config.final_sigmas_type == FinalSigmas::zero)
        fail(ErrorKind::unsupported,
             "algorithm_type {} cannot step to a sigma of zero: set final_sigmas_type to sigma_min, or algorithm_type "
             "to {}++",
             name(config.algorithm_type), name(config.algorithm_type));
}

void predict_output(const SchedulerConfig& config, std::span<const float> prediction, std::span<const float> latents,
                    NoiseLevel level, std::span<float> out) {
    const bool x0 = extrapolates_x0(config.algorithm_type);
    if (!x0 && !config.thresholding) return predict_epsilon(config.prediction_type, prediction, latents, level, out);
    predict_x0(config.prediction_type, prediction, latents, level, out);
    limit_x0(config, out);
    if (!x0) predict_epsilon(PredictionType::sample, out, latents, level, out);
}

}  // namespace easel
