#include "pipeline/guidance.h"

#include <vector>

#include <gtest/gtest.h>

namespace easel {
namespace {

TEST(Guidance, MixesTwoRowsByItsScale) {
    const std::vector<float> predictions = {1, 2, 3, 6};
    std::vector<float> mixed(2);
    const auto mix = [&](double scale) {
        const auto result = Guidance{.rows = 2, .scale = scale}.mix(predictions, mixed);
        return std::vector<float>(result.begin(), result.end());
    };
    EXPECT_EQ(mix(0.0), (std::vector<float>{1, 2}));
    EXPECT_EQ(mix(1.0), (std::vector<float>{3, 6}));
    EXPECT_EQ(mix(2.5), (std::vector<float>{6, 12}));
}

TEST(Guidance, PassesOneRowOnAsItIs) {
    const std::vector<float> predictions = {1, 2};
    std::vector<float> mixed(2);
    EXPECT_EQ(Guidance{}.mix(predictions, mixed).data(), predictions.data());
}

TEST(Guidance, ScaleOfOneOrLessLeavesTheUnconditionalRowOut) {
    for (const double scale : {0.0, 0.5, 1.0}) EXPECT_EQ(guidance_of({.guidance_scale = scale}).rows, 1) << scale;
    EXPECT_EQ(guidance_of({.guidance_scale = 1.01}).rows, 2);
}

}  // namespace
}  // namespace easel
