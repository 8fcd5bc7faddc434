#pragma once

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "weights/weights.h"

namespace easel::testing {

inline void expect_same_weights(const Weights& a, const Weights& b) {
    ASSERT_EQ(a.names(), b.names());
    for (const std::string& name : a.names()) {
        const Weight left = a.at(name), right = b.at(name);
        EXPECT_EQ(left.dtype, right.dtype) << name;
        EXPECT_EQ(left.shape, right.shape) << name;
        EXPECT_TRUE(std::ranges::equal(left.bytes, right.bytes)) << name;
    }
}

}  // namespace easel::testing
