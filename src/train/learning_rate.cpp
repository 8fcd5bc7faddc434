#include "train/learning_rate.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace easel::train {

double LearningRate::at(std::int64_t step) const {
    constexpr double last = 0.02;
    const double warmed =
        std::min(1.0, static_cast<double>(step + 1) / static_cast<double>(std::max<std::int64_t>(1, warmup_steps)));
    const double progress = static_cast<double>(step) / static_cast<double>(std::max<std::int64_t>(1, steps));
    return peak * warmed * ((1 - last) * 0.5 * (1 + std::cos(std::numbers::pi * progress)) + last);
}

}  // namespace easel::train
