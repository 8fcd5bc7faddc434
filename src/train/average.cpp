#include "train/average.h"

#include <algorithm>

namespace easel::train {

Average::Average(const torch::Tensor& values, double horizon) : horizon_(horizon), values_(values.detach().clone()) {}

void Average::update(const torch::Tensor& values, std::int64_t step) {
    const torch::NoGradGuard no_grad;
    const double share = std::max(1 / horizon_, 1 / (1 + static_cast<double>(step + 1) / 8));
    values_.lerp_(values, share);
}

}  // namespace easel::train
