#pragma once

#include <cstdint>

namespace easel::train {

/// The learning rate over a run: up in a straight line, then down along half a cosine to a fiftieth of the peak.
struct LearningRate {
    double peak = 1e-4;
    std::int64_t warmup_steps = 0;
    std::int64_t steps = 0;

    /// `step` counts from 0.
    double at(std::int64_t step) const;
};

}  // namespace easel::train
