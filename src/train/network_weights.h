#pragma once

#include <map>
#include <string>

#include <torch/nn.h>

#include "weights/weights.h"

namespace easel::train {

/// A network's parameters by their names.
using Parameters = std::map<std::string, torch::Tensor>;

Parameters parameters_of(const torch::nn::Module& network);

/// Copies a checkpoint's weights into a network of the same configuration, as float32. Throws Error that names the
/// tensor if one is missing or has another shape.
void load_weights(torch::nn::Module& network, const Weights& weights);

/// The tensors as a network's weights of type `dtype` (F32 or F16), copied. `network` is for errors: "UNet".
Weights to_weights(const Parameters& parameters, const std::string& network, DType dtype);

}  // namespace easel::train
