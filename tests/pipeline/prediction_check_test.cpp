#include "pipeline/prediction_check.h"

#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"

namespace easel {
namespace {

constexpr std::size_t count = 4 * 64 * 64;

std::vector<float> normal(std::uint32_t seed) {
    std::vector<float> values(count);
    TorchGenerator(seed).fill_normal(values);
    return values;
}

/// A UNet that knows nothing but that the clean latents are like `guess`.
std::vector<float> predict(PredictionType type, const std::vector<float>& input, const std::vector<float>& guess,
                           NoiseLevel level) {
    std::vector<float> prediction(count);
    for (std::size_t i = 0; i < count; ++i) {
        const double epsilon = (input[i] - level.signal * guess[i]) / level.noise;
        prediction[i] =
            static_cast<float>(type == PredictionType::epsilon        ? epsilon
                               : type == PredictionType::v_prediction ? level.signal * epsilon - level.noise * guess[i]
                                                                      : guess[i]);
    }
    return prediction;
}

bool is_doubted(PredictionType said, PredictionType really, double alpha_bar) {
    const NoiseLevel level = variance_preserving(alpha_bar);
    const std::vector<float> clean = normal(1), noise = normal(2);
    std::vector<float> input(count);
    forward_jump(clean, noise, level, input);
    std::vector<float> guess = normal(3);
    for (float& value : guess) value *= 0.5F;
    return doubt_about(said, predict(really, input, guess, level), input, level).has_value();
}

TEST(PredictionCheck, DoubtsATypeThatTheFirstPredictionDoesNotLookLike) {
    using enum PredictionType;
    for (const double alpha_bar : {0.0001, 0.0047, 0.02, 0.05}) {
        SCOPED_TRACE(alpha_bar);
        for (const PredictionType type : {epsilon, v_prediction, sample})
            EXPECT_FALSE(is_doubted(type, type, alpha_bar)) << static_cast<int>(type);
        EXPECT_TRUE(is_doubted(epsilon, v_prediction, alpha_bar));
        EXPECT_TRUE(is_doubted(epsilon, sample, alpha_bar));
        EXPECT_TRUE(is_doubted(v_prediction, epsilon, alpha_bar));
        EXPECT_TRUE(is_doubted(sample, epsilon, alpha_bar));
    }
}

TEST(PredictionCheck, IsSilentWhereTheInputIsTooCleanToTell) {
    using enum PredictionType;
    for (const double alpha_bar : {0.1, 0.5, 0.99}) {
        EXPECT_FALSE(is_doubted(epsilon, v_prediction, alpha_bar)) << alpha_bar;
        EXPECT_FALSE(is_doubted(v_prediction, epsilon, alpha_bar)) << alpha_bar;
    }
}

TEST(PredictionCheck, NamesTheTypeToTry) {
    const std::vector<float> input = normal(1), prediction = normal(2);
    const auto doubt = doubt_about(PredictionType::epsilon, prediction, input, {.signal = 0.07, .noise = 0.997});
    ASSERT_TRUE(doubt);
    EXPECT_NE(doubt->find("try a `prediction_type` of v_prediction"), std::string::npos) << *doubt;
}

}  // namespace
}  // namespace easel
