#include "pipeline/guidance.h"

#include <cstddef>

namespace easel {

std::span<const float> Guidance::mix(std::span<const float> predictions, std::span<float> mixed) const {
    if (rows == 1) return predictions;
    const auto uncond = predictions.first(mixed.size());
    const auto cond = predictions.last(mixed.size());
    const auto weight = static_cast<float>(scale);
    for (std::size_t i = 0; i < mixed.size(); ++i) mixed[i] = uncond[i] + weight * (cond[i] - uncond[i]);
    return mixed;
}

Guidance guidance_of(const Settings& settings) {
    return {.rows = settings.guidance_scale > 1.0 ? 2 : 1, .scale = settings.guidance_scale};
}

}  // namespace easel
