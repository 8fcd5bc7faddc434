#pragma once

#include <optional>

#include "networks/nn.h"

namespace easel::nn {

/// A residual block of the UNet or the VAE: norm, SiLU, convolution, (the timestep's share,) norm, SiLU, convolution,
/// and the input added, through a 1x1 convolution if the channels change.
struct Resnet {
    int inputs = 0;
    int outputs = 0;
    int groups = 32;
    double epsilon = 1e-5;
    /// Width of the timestep embedding; 0 in the VAE, which has none.
    int time_width = 0;
};

/// `time` is the activated timestep embedding [1, time_width], or empty in the VAE.
Tensor resnet(Tensor x, const std::optional<Tensor>& time, const Scope& scope, const Resnet& how);

}  // namespace easel::nn
