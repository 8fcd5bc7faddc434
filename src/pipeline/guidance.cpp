#include "pipeline/guidance.h"

#include <cstddef>

namespace easel {

void guide(std::span<const float> uncond, std::span<const float> cond, double guidance_scale, std::span<float> guided) {
    const auto scale = static_cast<float>(guidance_scale);
    for (std::size_t i = 0; i < guided.size(); ++i) guided[i] = uncond[i] + scale * (cond[i] - uncond[i]);
}

}  // namespace easel
