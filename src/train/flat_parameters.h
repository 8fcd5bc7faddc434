#pragma once

#include "train/network_weights.h"

namespace easel::train {

/// Parameters laid end to end in one row of numbers, and their gradients in another, so that a step of the optimizer,
/// an average, a norm or an exchange between processes is a few operations instead of a few for each tensor. The
/// networks go on with views of the rows.
class FlatParameters {
  public:
    /// Moves the parameters into a row, in the order of their names, and asks for their gradients.
    explicit FlatParameters(const Parameters& parameters);

    torch::Tensor& values() { return values_; }
    /// The sum of what backward() has given since it was last zeroed.
    torch::Tensor& gradient() { return gradient_; }

    /// A row of as many numbers, as the parameters that it stands for: their averages, for example.
    Parameters named(const torch::Tensor& row) const;

  private:
    Parameters parameters_;
    torch::Tensor values_, gradient_;
};

}  // namespace easel::train
