#include "pipeline/guidance.h"

#include <algorithm>
#include <cstddef>

namespace easel {

std::span<const float> Guidance::mix(std::span<const float> predictions, std::span<float> mixed) const {
    if (rows == 1) return predictions;
    const auto uncond = predictions.first(mixed.size());
    std::ranges::copy(uncond, mixed.begin());
    for (std::size_t row = 1; row < static_cast<std::size_t>(rows); ++row) {
        const auto cond = predictions.subspan(row * mixed.size(), mixed.size());
        const auto weight = static_cast<float>(scale * (weights.empty() ? 1.0 : weights[row - 1]));
        for (std::size_t i = 0; i < mixed.size(); ++i) mixed[i] += weight * (cond[i] - uncond[i]);
    }
    return mixed;
}

Guidance guidance_of(const Settings& settings, const PromptTokens& tokens) {
    if (!tokens.uncond) return {};
    Guidance guidance{.rows = static_cast<int>(tokens.cond.size()) + 1,
                      .scale = std::max(settings.guidance_scale, 1.0)};
    for (const PromptRow& row : tokens.cond) guidance.weights.push_back(row.weight);
    return guidance;
}

}  // namespace easel
