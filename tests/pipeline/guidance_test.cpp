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

TEST(Guidance, AddsUpThePartsByTheirWeights) {
    const std::vector<float> predictions = {1, 3, 5};
    std::vector<float> mixed(1);
    const Guidance guidance{.rows = 3, .scale = 2.0, .weights = {0.5, -1.0}};
    EXPECT_EQ(guidance.mix(predictions, mixed).front(), 1 + 1 * (3 - 1) - 2 * (5 - 1));
}

TEST(Guidance, ByAPictureHasARowWithoutThePrompt) {
    const std::vector<float> predictions = {1, 3, 8};
    std::vector<float> mixed(1);
    const Guidance guidance{.rows = 3, .scale = 2.0, .image_scale = 1.5};
    EXPECT_EQ(guidance.mix(predictions, mixed).front(), 1 + 1.5f * (3 - 1) + 2 * (8 - 3));
}

TEST(Guidance, OffIsThePromptsOwnPrediction) {
    std::vector<float> mixed(1);
    const std::vector<float> two = {1, 3}, three = {1, 3, 8};
    EXPECT_EQ((Guidance{.rows = 2, .scale = 7.5, .rescale = 0.7}.off().mix(two, mixed).front()), 3);
    EXPECT_EQ((Guidance{.rows = 3, .scale = 7.5, .image_scale = 1.5}.off().mix(three, mixed).front()), 8);
    const Guidance parts = Guidance{.rows = 3, .scale = 7.5, .weights = {0.5, 1.0}}.off();
    EXPECT_EQ(parts.mix(three, mixed).front(), 1 + 0.5f * (3 - 1) + (8 - 1));
}

TEST(Guidance, PassesOneRowOnAsItIs) {
    const std::vector<float> predictions = {1, 2};
    std::vector<float> mixed(2);
    EXPECT_EQ(Guidance{}.mix(predictions, mixed).data(), predictions.data());
}

TEST(Guidance, HasARowForEachPartAndCountsAtLeastOne) {
    PromptTokens tokens{.cond = {{.weight = 0.5}, {.weight = 2.0}}};
    EXPECT_EQ(guidance_of({.guidance_scale = 7.5}, tokens).rows, 1);
    tokens.uncond.emplace();
    EXPECT_EQ(guidance_of({.guidance_scale = 7.5}, tokens).rows, 3);
    EXPECT_EQ(guidance_of({.guidance_scale = 7.5}, tokens).scale, 7.5);
    EXPECT_EQ(guidance_of({.guidance_scale = 0.5}, tokens).scale, 1.0);
    const Guidance by_picture = guidance_of({.guidance_scale = 7.5, .image_guidance_scale = 1.5}, tokens);
    EXPECT_EQ(by_picture.rows, 4);
    EXPECT_EQ(by_picture.image_scale, 1.5);
}

}  // namespace
}  // namespace easel
