#pragma once

#include <torch/types.h>

namespace easel::train {

/// An exponential moving average of the weights, which draws better than the weights of any one step. Short at the
/// beginning, so that it does not remember how training began.
class Average {
  public:
    /// `horizon`: the steps over which it averages in the end.
    Average(const torch::Tensor& values, double horizon);

    /// `step` counts from 0.
    void update(const torch::Tensor& values, std::int64_t step);

    torch::Tensor& values() { return values_; }

  private:
    double horizon_;
    torch::Tensor values_;
};

}  // namespace easel::train
