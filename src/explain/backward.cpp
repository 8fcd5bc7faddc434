#include "explain/backward.h"

#include <cmath>
#include <cstddef>
#include <utility>

#include "diffusion/forward_process.h"

namespace easel {

double rms(std::span<const float> values) {
    double sum = 0.0;
    for (const float value : values) sum += static_cast<double>(value) * value;
    return std::sqrt(sum / static_cast<double>(values.size()));
}

double rms_difference(std::span<const float> a, std::span<const float> b) {
    std::vector<float> difference(a.size());
    for (std::size_t i = 0; i < a.size(); ++i) difference[i] = a[i] - b[i];
    return rms(difference);
}

std::vector<Estimate> estimate_noise(std::span<const float> clean, std::span<const double> alphas_cumprod,
                                     std::span<const int> timesteps, PredictionType type, const Predictor& predict,
                                     const NoiseSource& noise) {
    std::vector<float> drawn(clean.size());
    noise(drawn);
    std::vector<Estimate> estimates;
    for (const int t : timesteps) {
        const NoiseLevel level = variance_preserving(alphas_cumprod[t]);
        Estimate estimate{.timestep = t, .noise = drawn};
        estimate.sample.resize(clean.size());
        estimate.predicted_noise.resize(clean.size());
        estimate.predicted_x0.resize(clean.size());
        forward_jump(clean, drawn, level, estimate.sample);
        const std::vector<float> prediction = predict(estimate.sample, t);
        predict_epsilon(type, prediction, estimate.sample, level, estimate.predicted_noise);
        predict_x0(type, prediction, estimate.sample, level, estimate.predicted_x0);
        estimate.noise_error = rms_difference(estimate.predicted_noise, drawn);
        estimate.x0_error = rms_difference(estimate.predicted_x0, clean);
        estimates.push_back(std::move(estimate));
    }
    return estimates;
}

Path follow(Sampler& sampler, std::size_t first, std::vector<float> latents, const Predictor& predict,
            const NoiseSource& noise) {
    Path path;
    for (std::size_t i = first; i < sampler.timesteps().size(); ++i) {
        std::vector<float> input(latents.size());
        sampler.scale_input(latents, i, input);
        sampler.step(predict(input, sampler.timesteps()[i]), i, latents, noise);
        path.timesteps.push_back(sampler.timesteps()[i]);
        path.shown.push_back(std::move(input));
    }
    path.end = std::move(latents);
    return path;
}

}  // namespace easel
