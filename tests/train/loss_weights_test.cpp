#include "train/loss_weights.h"

#include <gtest/gtest.h>

#include "diffusion/schedule.h"
#include "train/algorithm.h"
#include "train/learning_rate.h"
#include "train/stable_diffusion.h"
#include "train/step_random.h"

namespace easel::train {
namespace {

using testing::stable_diffusion;

TEST(LossWeights, AreThoseOfTheirFormulas) {
    const SchedulerConfig config = stable_diffusion();
    const std::vector<double> betas = make_betas(config), alpha_bar = make_alphas_cumprod(betas);
    const auto weights = [&](LossWeighting weighting) { return loss_weights(weighting, config); };
    for (const std::size_t t : {1UL, 250UL, 999UL}) {
        EXPECT_EQ(weights(LossWeighting::simple)[t], 1);
        EXPECT_NEAR(weights(LossWeighting::step)[t], betas[t] / (1 - betas[t]), 1e-12);
        const double variance = (1 - alpha_bar[t - 1]) / (1 - alpha_bar[t]) * betas[t];
        EXPECT_NEAR(weights(LossWeighting::vlb)[t] /
                        (betas[t] * betas[t] / (2 * variance * (1 - betas[t]) * (1 - alpha_bar[t]))),
                    1, 1e-4);  // the products of the schedule are rounded to float32
        const double snr = alpha_bar[t] / (1 - alpha_bar[t]);
        EXPECT_NEAR(weights(LossWeighting::min_snr)[t], std::min(1.0, 5 / snr), 1e-12);
        EXPECT_NEAR(weights(LossWeighting::balanced)[t], snr < 1 ? std::min(10.0, 1 / snr) : std::min(1.0, 5 / snr),
                    1e-12);
    }
    EXPECT_EQ(weights(LossWeighting::balanced)[999], 10);
    EXPECT_TRUE(std::isfinite(weights(LossWeighting::vlb)[0]));
}

TEST(LossWeights, OfVAreThoseOfTheNoiseThatItImplies) {
    const auto of_noise = loss_weights(LossWeighting::min_snr, stable_diffusion());
    const auto of_v = loss_weights(LossWeighting::min_snr, stable_diffusion(PredictionType::v_prediction));
    const auto alpha_bar = make_alphas_cumprod(make_betas(stable_diffusion()));
    for (const std::size_t t : {0UL, 500UL, 999UL}) EXPECT_NEAR(of_v[t], of_noise[t] * alpha_bar[t], 1e-12);
}

TEST(LearningRate, RisesAndFalls) {
    const LearningRate rate{.peak = 1, .warmup_steps = 10, .steps = 100};
    EXPECT_NEAR(rate.at(0), 0.1, 1e-9);
    EXPECT_GT(rate.at(9), rate.at(8));
    EXPECT_NEAR(rate.at(50), 0.51, 1e-9);
    EXPECT_NEAR(rate.at(100), 0.02, 1e-9);
}

TEST(Draws, DependOnSeedPurposeAndNumberAlone) {
    const auto first = [](std::uint64_t seed, Purpose purpose, std::int64_t number) {
        at::Generator generator = generator_for(seed, purpose, number);
        return draw({4, 4, 2, 2}, 1000, generator).noise.sum().item<double>();
    };
    EXPECT_EQ(first(1, Purpose::step, 7), first(1, Purpose::step, 7));
    EXPECT_NE(first(1, Purpose::step, 7), first(2, Purpose::step, 7));
    EXPECT_NE(first(1, Purpose::step, 7), first(1, Purpose::order, 7));
    EXPECT_NE(first(1, Purpose::step, 7), first(1, Purpose::step, 8));
}

TEST(Draws, SpreadTimestepsOverAll) {
    at::Generator generator = generator_for(3, Purpose::step, 0);
    const Draws draws = draw({10, 1, 1, 1}, 1000, generator);
    const Tensor sorted = std::get<0>(draws.timesteps.sort());
    for (int i = 0; i < 10; ++i) {
        EXPECT_GE(sorted[i].item<int>(), 100 * i);
        EXPECT_LT(sorted[i].item<int>(), 100 * (i + 1));
    }
}

}  // namespace
}  // namespace easel::train
