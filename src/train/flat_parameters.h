#pragma once

#include <span>
#include <utility>
#include <vector>

#include "train/network_weights.h"

namespace easel::train {

/// Parameters laid end to end in one row of numbers, and their gradients in another, so that a step of the optimizer,
/// an average, a norm or an exchange between processes is a few operations instead of a few for each tensor. The
/// networks go on with views of the rows.
class FlatParameters {
  public:
    /// Moves the parameters into a row, group after group, each in the order of its names, and asks for their
    /// gradients.
    explicit FlatParameters(std::span<const Parameters> groups);

    /// How many numbers the groups have.
    const std::vector<std::int64_t>& lengths() const { return lengths_; }

    torch::Tensor& values() { return values_; }
    /// The sum of what backward() has given since it was last zeroed.
    torch::Tensor& gradient() { return gradient_; }

    /// A row of as many numbers, as the parameters that it stands for: their averages, for example.
    Parameters named(const torch::Tensor& row) const;

  private:
    std::vector<std::pair<std::string, torch::Tensor>> parameters_;
    std::vector<std::int64_t> lengths_;
    torch::Tensor values_, gradient_;
};

}  // namespace easel::train
