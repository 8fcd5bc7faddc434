// With a network that knows the answer, everything has a closed form.

#include "explain/backward.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "diffusion/sampler.h"
#include "diffusion/sampler_kind.h"
#include "diffusion/schedule.h"
#include "diffusion/scheduler_config.h"
#include "diffusion/scheduler_policy.h"
#include "explain/normals.h"

namespace easel {
namespace {

using testing::normals;

const std::vector<float> clean = {0.5f, -1.0f, 0.25f, 1.5f};

std::vector<double> alphas_cumprod() {
    return make_alphas_cumprod(make_betas(standard_scheduler_config(sampler_kind("ddim"))));
}

/// Predicts exactly the noise that turns `clean` into its input.
std::vector<float> knowing(std::span<const float> sample, double timestep) {
    const NoiseLevel level = variance_preserving(alphas_cumprod()[static_cast<std::size_t>(std::lround(timestep))]);
    std::vector<float> noise(sample.size());
    for (std::size_t i = 0; i < noise.size(); ++i)
        noise[i] = static_cast<float>((sample[i] - level.signal * clean[i]) / level.noise);
    return noise;
}

TEST(RootMeanSquare, OfThreeAndFour) {
    EXPECT_DOUBLE_EQ(rms(std::vector<float>{3.0f, -4.0f}), std::sqrt(12.5));
    EXPECT_DOUBLE_EQ(rms_difference(std::vector<float>{5.0f, 0.0f}, std::vector<float>{2.0f, 4.0f}), std::sqrt(12.5));
}

TEST(Estimates, OfAPerfectNetworkAreExact) {
    const auto estimates = estimate_noise(clean, alphas_cumprod(), std::vector<int>{10, 500, 990},
                                          PredictionType::epsilon, knowing, normals(2));
    ASSERT_EQ(estimates.size(), 3U);
    for (const Estimate& estimate : estimates) {
        EXPECT_LT(estimate.noise_error, 1e-4);
        EXPECT_LT(estimate.x0_error, 1e-4);
        EXPECT_EQ(estimate.noise, estimates.front().noise) << "the same noise is mixed in";
    }
}

TEST(Estimates, MeasureTheErrorOfANetworkThatPredictsNothing) {
    const auto blind = [](std::span<const float> sample, double) { return std::vector<float>(sample.size(), 0.0f); };
    const auto estimates =
        estimate_noise(clean, alphas_cumprod(), std::vector<int>{300}, PredictionType::epsilon, blind, normals(2));
    EXPECT_DOUBLE_EQ(estimates[0].noise_error, rms(estimates[0].noise));
    // x_0 is taken to be x_t / signal, which is off by noise / signal times the noise.
    const NoiseLevel level = variance_preserving(alphas_cumprod()[300]);
    EXPECT_NEAR(estimates[0].x0_error, level.noise / level.signal * rms(estimates[0].noise), 1e-5);
}

class Followed : public ::testing::TestWithParam<std::string> {};

TEST_P(Followed, EndsAtTheCleanSampleAndRecordsThePath) {
    SchedulerConfig config = standard_scheduler_config(sampler_kind(GetParam()));
    config.set_alpha_to_one = true;
    const auto sampler = make_sampler(make_plan(config, 10));
    const NoiseSource noise = normals(4);
    std::vector<float> start(clean.size());
    noise(start);
    sampler->add_noise(clean, start, 0, start);
    const Path path = follow(*sampler, 0, start, knowing, noise);
    ASSERT_EQ(path.timesteps.size(), sampler->timesteps().size());
    ASSERT_EQ(path.shown.size(), path.timesteps.size());
    EXPECT_LT(rms_difference(path.end, clean), 0.05);
    EXPECT_GT(rms_difference(path.shown.front(), clean), 0.5);
}

INSTANTIATE_TEST_SUITE_P(Samplers, Followed, ::testing::Values("ddim", "ddpm", "euler", "euler_a", "dpmpp_2m", "lcm"));

}  // namespace
}  // namespace easel
