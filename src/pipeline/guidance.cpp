#include "pipeline/guidance.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace easel {
namespace {

/// The standard deviation of a sample.
double spread_of(std::span<const float> values) {
    double sum = 0.0;
    for (const float value : values) sum += value;
    const double mean = sum / static_cast<double>(values.size());
    double squares = 0.0;
    for (const float value : values) squares += (value - mean) * (value - mean);
    return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

}  // namespace

Guidance Guidance::off() const {
    Guidance guidance = *this;
    guidance.scale = 1.0;
    if (image_scale) guidance.image_scale = 1.0;
    guidance.rescale = 0.0;
    return guidance;
}

std::span<const float> Guidance::mix(std::span<const float> predictions, std::span<float> mixed) const {
    if (rows == 1) return predictions;
    const auto uncond = predictions.first(mixed.size());
    std::ranges::copy(uncond, mixed.begin());
    const auto row_of = [&](std::size_t row) { return predictions.subspan(row * mixed.size(), mixed.size()); };
    const auto add = [&](double weight, std::span<const float> to, std::span<const float> from) {
        const auto factor = static_cast<float>(weight);
        for (std::size_t i = 0; i < mixed.size(); ++i) mixed[i] += factor * (to[i] - from[i]);
    };
    const std::size_t first = image_scale ? 2 : 1;
    if (image_scale) add(*image_scale, row_of(1), uncond);
    for (std::size_t row = first; row < static_cast<std::size_t>(rows); ++row)
        add(scale * (weights.empty() ? 1.0 : weights[row - first]), row_of(row), row_of(first - 1));
    if (rescale > 0.0) {
        const double spread = spread_of(mixed), wanted = spread_of(row_of(first));
        const auto factor = static_cast<float>(rescale * (spread > 0.0 ? wanted / spread : 1.0) + 1.0 - rescale);
        for (float& value : mixed) value *= factor;
    }
    return mixed;
}

Guidance guidance_of(const Settings& settings, const PromptTokens& tokens) {
    if (!tokens.uncond) return {};
    Guidance guidance{.rows = static_cast<int>(tokens.cond.size()) + 1,
                      .scale = std::max(settings.guidance_scale, 1.0),
                      .rescale = settings.guidance_rescale};
    if (settings.image_guidance_scale) {
        ++guidance.rows;
        guidance.image_scale = std::max(*settings.image_guidance_scale, 1.0);
    }
    for (const PromptRow& row : tokens.cond) guidance.weights.push_back(row.weight);
    return guidance;
}

}  // namespace easel
