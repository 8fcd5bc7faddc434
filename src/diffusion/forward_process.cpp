#include "diffusion/forward_process.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace easel {
namespace {

// Every formula of the process is a weighted sum of two vectors.
void weighted_sum(double weight_a, std::span<const float> a, double weight_b, std::span<const float> b,
                  std::span<float> out) {
    for (std::size_t k = 0; k < out.size(); ++k) out[k] = static_cast<float>(weight_a * a[k] + weight_b * b[k]);
}

}  // namespace

NoiseLevel variance_preserving(double alpha_bar) { return {std::sqrt(alpha_bar), std::sqrt(1.0 - alpha_bar)}; }

void forward_step(std::span<const float> previous, std::span<const float> noise, double beta, std::span<float> out) {
    weighted_sum(std::sqrt(1.0 - beta), previous, std::sqrt(beta), noise, out);
}

void forward_jump(std::span<const float> clean, std::span<const float> noise, NoiseLevel level, std::span<float> out) {
    weighted_sum(level.signal, clean, level.noise, noise, out);
}

void predict_x0(PredictionType type, std::span<const float> prediction, std::span<const float> sample, NoiseLevel level,
                std::span<float> out) {
    const double norm = std::hypot(level.signal, level.noise);
    switch (type) {
        case PredictionType::epsilon:
            return weighted_sum(1.0 / level.signal, sample, -level.noise / level.signal, prediction, out);
        case PredictionType::v_prediction:
            return weighted_sum(level.signal / (norm * norm), sample, -level.noise / norm, prediction, out);
        case PredictionType::sample:
            std::copy(prediction.begin(), prediction.end(), out.begin());
    }
}

void predict_epsilon(PredictionType type, std::span<const float> prediction, std::span<const float> sample,
                     NoiseLevel level, std::span<float> out) {
    const double norm = std::hypot(level.signal, level.noise);
    switch (type) {
        case PredictionType::epsilon:
            std::copy(prediction.begin(), prediction.end(), out.begin());
            return;
        case PredictionType::v_prediction:
            return weighted_sum(level.noise / (norm * norm), sample, level.signal / norm, prediction, out);
        case PredictionType::sample:
            return weighted_sum(1.0 / level.noise, sample, -level.signal / level.noise, prediction, out);
    }
}

void prediction_of_epsilon(PredictionType type, std::span<const float> epsilon, std::span<const float> sample,
                           NoiseLevel level, std::span<float> out) {
    const double norm = std::hypot(level.signal, level.noise);
    switch (type) {
        case PredictionType::epsilon:
            std::copy(epsilon.begin(), epsilon.end(), out.begin());
            return;
        case PredictionType::v_prediction:
            return weighted_sum(-level.noise / (norm * level.signal), sample, norm / level.signal, epsilon, out);
        case PredictionType::sample:
            return weighted_sum(1.0 / level.signal, sample, -level.noise / level.signal, epsilon, out);
    }
}

Posterior posterior(double alpha_bar, double alpha_bar_previous) {
    const double alpha = alpha_bar / alpha_bar_previous;
    const double share = (1.0 - alpha_bar_previous) / (1.0 - alpha_bar);
    return {
        .of_x0 = std::sqrt(alpha_bar_previous) * (1.0 - alpha) / (1.0 - alpha_bar),
        .of_sample = std::sqrt(alpha) * share,
        .variance = share * (1.0 - alpha),
    };
}

void posterior_mean(const Posterior& posterior, std::span<const float> x0, std::span<const float> sample,
                    std::span<float> out) {
    weighted_sum(posterior.of_x0, x0, posterior.of_sample, sample, out);
}

void clip(std::span<float> x0, double range) {
    const auto limit = static_cast<float>(range);
    for (float& x : x0) x = std::clamp(x, -limit, limit);
}

void threshold(std::span<float> x0, double ratio, double largest) {
    if (x0.empty()) return;
    std::vector<float> magnitudes(x0.size());
    std::transform(x0.begin(), x0.end(), magnitudes.begin(), [](float x) { return std::abs(x); });
    std::sort(magnitudes.begin(), magnitudes.end());
    const double rank = ratio * static_cast<double>(magnitudes.size() - 1);
    const auto below = static_cast<std::size_t>(rank);
    const std::size_t above = std::min(below + 1, magnitudes.size() - 1);
    const double quantile = std::lerp(magnitudes[below], magnitudes[above], rank - static_cast<double>(below));
    const double limit = std::min(std::max(quantile, 1.0), largest);
    clip(x0, limit);
    for (float& x : x0) x = static_cast<float>(x / limit);
}

}  // namespace easel
