#pragma once

#include <span>

namespace easel {

/// Classifier-free guidance (Ho & Salimans 2022): uncond + guidance_scale (cond - uncond), into `guided`.
void guide(std::span<const float> uncond, std::span<const float> cond, double guidance_scale, std::span<float> guided);

}  // namespace easel
