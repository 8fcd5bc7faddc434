#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/random.h"
#include "diffusion/sampler.h"

namespace easel::testing {

/// Torch's normal numbers of a seed.
inline NoiseSource normals(std::uint32_t seed) {
    return [generator = std::make_shared<TorchGenerator>(seed)](std::span<float> out) { generator->fill_normal(out); };
}

}  // namespace easel::testing
