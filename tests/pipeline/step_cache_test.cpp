#include "pipeline/step_cache.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace easel {
namespace {

/// Which of `predictions` are computed, "c", or left out, "-", where the network is given what grows by 1 from each to
/// the next, and gives 100 plus `rate` times that.
std::string computed(double threshold, std::size_t predictions, float rate) {
    StepCache cache(threshold, predictions);
    std::string pattern;
    for (std::size_t i = 0; i < predictions; ++i) {
        const std::vector<float> input = {static_cast<float>(i)};
        if (cache.leaves_out(i, input)) {
            pattern += '-';
            continue;
        }
        pattern += 'c';
        const std::vector<float> epsilon = {100.0f + rate * input.front()};
        cache.keep(epsilon);
    }
    EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(pattern, '-')), cache.left_out());
    return pattern;
}

TEST(StepCache, LeavesNothingOutAtAThresholdOfZero) { EXPECT_EQ(computed(0.0, 10, 0.0f), "cccccccccc"); }

TEST(StepCache, ComputesTheFirstAndTheLastPredictions) {
    EXPECT_EQ(computed(3.0, 20, 0.01f), "ccc----------------c");
    EXPECT_EQ(computed(3.0, 3, 0.01f), "ccc");
    EXPECT_EQ(computed(3.0, 1, 0.01f), "c");
}

TEST(StepCache, LeavesOutPredictionsUntilTheirChangeAddsUpToTheThreshold) {
    // Each changes by about 0.01 of its size.
    EXPECT_EQ(computed(0.025, 20, 1.0f), "ccc--c--c--c--c--c-c");
    EXPECT_EQ(computed(0.015, 20, 1.0f), "ccc-c-c-c-c-c-c-c-cc");
    EXPECT_EQ(computed(0.005, 20, 1.0f), std::string(20, 'c'));
}

TEST(StepCache, ComputesWhatIsNotANumber) {
    StepCache cache(3.0, 20);
    const std::vector<float> zero = {0.0f}, one = {1.0f}, nan = {std::nanf("")};
    EXPECT_FALSE(cache.leaves_out(5, zero));
    cache.keep(nan);
    EXPECT_FALSE(cache.leaves_out(6, one));
    cache.keep(nan);
    EXPECT_FALSE(cache.leaves_out(7, zero));
}

TEST(StepCache, ComputesTwoPredictionsAfterOneIsForgotten) {
    StepCache cache(3.0, 20);
    const auto leaves_out = [&](std::size_t i) {
        const std::vector<float> input = {static_cast<float>(i)};
        const bool leaves = cache.leaves_out(i, input);
        if (!leaves) cache.keep(std::vector<float>{100.0f});
        return leaves;
    };
    EXPECT_FALSE(leaves_out(4));
    EXPECT_FALSE(leaves_out(5));
    EXPECT_TRUE(leaves_out(6));
    cache.forget();
    EXPECT_FALSE(leaves_out(7));
    EXPECT_FALSE(leaves_out(8));
    EXPECT_TRUE(leaves_out(9));
}

}  // namespace
}  // namespace easel
