#pragma once

#include <numeric>
#include <span>

#include "train/model.h"

namespace easel::testing {

/// The small model of random weights, to be trained further.
inline train::Model tiny_model() { return train::open_model("golden/tiny/diffusers"); }

inline double mean(std::span<const double> values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace easel::testing
