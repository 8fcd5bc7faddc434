#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <gtest/gtest.h>

namespace easel::testing {

/// Expects numbers that differ by at most `bound` times their size, or by `bound` where they are below 1.
inline void expect_relative(std::span<const double> got, const std::vector<double>& expected, double bound) {
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t k = 0; k < got.size(); ++k)
        EXPECT_NEAR(got[k], expected[k], bound * std::max(1.0, std::abs(expected[k]))) << "at " << k;
}

}  // namespace easel::testing
