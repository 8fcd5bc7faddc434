#pragma once

#include <memory>

#include <openvino/core/model.hpp>

#include "weights/upscaler_file.h"

namespace easel {

/// A network that enlarges pictures: `picture` [1, 3, h, w] in 0..1, both sides multiples of the config's `unshuffle`,
/// to [1, 3, scale h, scale w], about 0..1. Sources: spandrel's architectures ESRGAN and Compact. Throws Error when a
/// weight is missing or has another shape than the configuration asks for.
std::shared_ptr<ov::Model> build_upscaler(const Weights& weights, const UpscalerConfig& config);

}  // namespace easel
