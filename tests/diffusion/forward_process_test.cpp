#include "diffusion/forward_process.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"

namespace easel {
namespace {

using Vector = std::vector<float>;

const Vector clean = {0.5f, -1.25f, 2.0f, 0.0f};
const Vector noise = {1.0f, 0.25f, -0.75f, -2.0f};

Vector noised(NoiseLevel level) {
    Vector sample(clean.size());
    forward_jump(clean, noise, level, sample);
    return sample;
}

void expect_near(const Vector& got, const Vector& expected, double bound = 1e-6) {
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t k = 0; k < got.size(); ++k) EXPECT_NEAR(got[k], expected[k], bound) << "at " << k;
}

TEST(ForwardProcess, OneStepKeepsTheShareOfTheSampleThatBetaLeaves) {
    Vector next(clean.size());
    forward_step(clean, noise, 0.36, next);
    expect_near(next, {0.8f * 0.5f + 0.6f, -1.0f + 0.15f, 1.6f - 0.45f, -1.2f});
}

TEST(ForwardProcess, JumpEqualsTheStepsInLawOfMeanAndVariance) {
    // Through n steps the signal shrinks by the product of sqrt(1 - beta), and the variances of independent noises add.
    const std::vector<double> betas = {0.1, 0.2, 0.3};
    double alpha_bar = 1.0, variance = 0.0;
    Vector mean = {1.0f};
    const Vector none = {0.0f};
    for (const double beta : betas) {
        forward_step(mean, none, beta, mean);
        variance = (1.0 - beta) * variance + beta;
        alpha_bar *= 1.0 - beta;
    }
    const NoiseLevel level = variance_preserving(alpha_bar);
    EXPECT_NEAR(mean[0], level.signal, 1e-6);
    EXPECT_NEAR(variance, level.noise * level.noise, 1e-12);
}

TEST(ForwardProcess, ManySamplesOfTheChainHaveTheSpreadOfTheJump) {
    TorchGenerator generator(3);
    Vector x(40000, 1.5f), drawn(x.size());
    double alpha_bar = 1.0;
    for (const double beta : {0.05, 0.1, 0.2, 0.4}) {
        generator.fill_normal(drawn);
        forward_step(x, drawn, beta, x);
        alpha_bar *= 1.0 - beta;
    }
    double mean = 0.0, square = 0.0;
    for (const float value : x) mean += value, square += static_cast<double>(value) * value;
    mean /= static_cast<double>(x.size());
    const double variance = square / static_cast<double>(x.size()) - mean * mean;
    EXPECT_NEAR(mean, 1.5 * std::sqrt(alpha_bar), 0.02);
    EXPECT_NEAR(variance, 1.0 - alpha_bar, 0.02);
}

class Predictions : public ::testing::TestWithParam<NoiseLevel> {};

TEST_P(Predictions, OfEveryTypeStandForTheSameCleanSampleAndNoise) {
    const NoiseLevel level = GetParam();
    const Vector sample = noised(level);
    // v = signal * epsilon - noise * x_0 on the unit circle (Salimans & Ho 2022, appendix D).
    const double norm = std::hypot(level.signal, level.noise);
    Vector velocity(clean.size());
    for (std::size_t k = 0; k < clean.size(); ++k)
        velocity[k] = static_cast<float>((level.signal * noise[k] - level.noise * clean[k]) / norm);

    const std::pair<PredictionType, Vector> predictions[] = {
        {PredictionType::epsilon, noise}, {PredictionType::v_prediction, velocity}, {PredictionType::sample, clean}};
    for (const auto& [type, prediction] : predictions) {
        Vector x0(clean.size()), epsilon(clean.size());
        predict_x0(type, prediction, sample, level, x0);
        predict_epsilon(type, prediction, sample, level, epsilon);
        expect_near(x0, clean, 1e-5);
        expect_near(epsilon, noise, 1e-5);
        Vector again(clean.size());
        prediction_of_epsilon(type, epsilon, sample, level, again);
        expect_near(again, prediction, 1e-5);
    }
}

INSTANTIATE_TEST_SUITE_P(Levels, Predictions,
                         ::testing::Values(variance_preserving(0.9), variance_preserving(0.3), NoiseLevel{1.0, 0.5},
                                           NoiseLevel{1.0, 6.0}));

TEST(Posterior, IsTheProductOfTheTwoGaussiansItComesFrom) {
    // q(s | t, 0) is proportional to q(t | s) q(s | 0): precisions add.
    const double alpha_bar = 0.42, previous = 0.7, alpha = alpha_bar / previous;
    const double precision = alpha / (1.0 - alpha) + 1.0 / (1.0 - previous);
    const Posterior got = posterior(alpha_bar, previous);
    EXPECT_NEAR(got.variance, 1.0 / precision, 1e-12);
    EXPECT_NEAR(got.of_x0, std::sqrt(previous) / (1.0 - previous) / precision, 1e-12);
    EXPECT_NEAR(got.of_sample, std::sqrt(alpha) / (1.0 - alpha) / precision, 1e-12);
}

TEST(Posterior, HasTheMeanThatDDPMTellsFromTheNoise) {
    // Eq. (11) of Ho et al. 2020: (x_t - beta / sqrt(1 - alpha_bar) epsilon) / sqrt(alpha).
    const double alpha_bar = 0.42, beta = 0.1, alpha = 1.0 - beta;
    const NoiseLevel level = variance_preserving(alpha_bar);
    const Vector sample = noised(level);
    Vector mean(clean.size()), expected;
    posterior_mean(posterior(alpha_bar, alpha_bar / alpha), clean, sample, mean);
    for (std::size_t k = 0; k < clean.size(); ++k)
        expected.push_back(static_cast<float>((sample[k] - beta / level.noise * noise[k]) / std::sqrt(alpha)));
    expect_near(mean, expected);
}

TEST(Posterior, BeforeTheCleanSampleIsTheCleanSample) {
    const Posterior got = posterior(0.6, 1.0);
    Vector mean(clean.size());
    posterior_mean(got, clean, noised(variance_preserving(0.6)), mean);
    expect_near(mean, clean);
    EXPECT_EQ(got.variance, 0.0);
}

TEST(Limits, ClipKeepsValuesWithinTheRange) {
    Vector x = clean;
    clip(x, 0.75);
    expect_near(x, {0.5f, -0.75f, 0.75f, 0.0f});
}

TEST(Limits, ThresholdDividesByTheQuantileWhenItIsAboveOne) {
    Vector x = {0.0f, -1.0f, 2.0f, 3.0f, -4.0f};
    threshold(x, 0.6, 10.0);  // the quantile of 0, 1, 2, 3, 4 at 0.6 is 2.4
    expect_near(x, {0.0f, -1.0f / 2.4f, 2.0f / 2.4f, 1.0f, -1.0f});
}

TEST(Limits, ThresholdLeavesSmallValuesAloneAndObeysTheLargestValue) {
    Vector small = {0.25f, -0.5f};
    threshold(small, 0.9, 10.0);
    expect_near(small, {0.25f, -0.5f});
    Vector large = {0.0f, 8.0f};
    threshold(large, 0.99, 2.0);
    expect_near(large, {0.0f, 1.0f});
}

}  // namespace
}  // namespace easel
