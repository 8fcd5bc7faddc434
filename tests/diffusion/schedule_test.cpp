#include "diffusion/schedule.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "diffusion/sampler_kind.h"
#include "diffusion/scheduler_policy.h"

namespace easel {
namespace {

SchedulerConfig stable_diffusion() { return standard_scheduler_config(sampler_kind("ddim")); }

TEST(Betas, AreThoseOfStableDiffusion) {
    const std::vector<double> betas = make_betas(stable_diffusion());
    ASSERT_EQ(betas.size(), 1000u);
    EXPECT_NEAR(betas.front(), 0.00085, 1e-9);
    EXPECT_NEAR(betas.back(), 0.012, 1e-8);
    const std::vector<double> alphas_cumprod = make_alphas_cumprod(betas);
    EXPECT_NEAR(alphas_cumprod.front(), 0.99915, 1e-7);
    EXPECT_NEAR(alphas_cumprod.back(), 0.0046600, 1e-7);
    EXPECT_NEAR(make_sigmas(alphas_cumprod).back(), 14.6146, 1e-4);
}

TEST(Betas, OfTheLinearScheduleAreEven) {
    SchedulerConfig config = stable_diffusion();
    config.beta_schedule = BetaSchedule::linear;
    config.num_train_timesteps = 3;
    config.beta_start = 0.1;
    config.beta_end = 0.3;
    const std::vector<double> betas = make_betas(config);
    EXPECT_NEAR(betas[1], 0.2, 1e-7);
}

TEST(Betas, OfTheCosineScheduleGiveTheCosine) {
    SchedulerConfig config = stable_diffusion();
    config.beta_schedule = BetaSchedule::squaredcos_cap_v2;
    const std::vector<double> alphas_cumprod = make_alphas_cumprod(make_betas(config));
    const double at_half = std::pow(std::cos((0.5 + 0.008) / 1.008 * std::acos(-1.0) / 2.0), 2.0);
    EXPECT_NEAR(alphas_cumprod[499], at_half, 1e-3);
    EXPECT_NEAR(make_betas(config).back(), 0.999, 1e-7);
}

TEST(Betas, RescaledKeepTheFirstAlphaBarAndLeaveNoSignalAtTheLast) {
    const std::vector<double> betas = make_betas(stable_diffusion());
    const std::vector<double> rescaled = make_alphas_cumprod(rescale_to_zero_terminal_snr(betas));
    EXPECT_NEAR(rescaled.front(), make_alphas_cumprod(betas).front(), 1e-6);
    EXPECT_EQ(rescaled.back(), 0.0);
}

TEST(Timesteps, FollowTheThreeSpacings) {
    SchedulerConfig config = stable_diffusion();
    EXPECT_EQ(spaced_timesteps(config, 4, Timesteps::whole), (std::vector<double>{751, 501, 251, 1}));
    EXPECT_EQ(solver_timesteps(config, 4, 1000), (std::vector<double>{801, 601, 401, 201}));
    config.timestep_spacing = TimestepSpacing::trailing;
    EXPECT_EQ(spaced_timesteps(config, 4, Timesteps::whole), (std::vector<double>{999, 749, 499, 249}));
    config.timestep_spacing = TimestepSpacing::linspace;
    EXPECT_EQ(spaced_timesteps(config, 4, Timesteps::whole), (std::vector<double>{999, 666, 333, 0}));
    EXPECT_EQ(spaced_timesteps(config, 3, Timesteps::fractional), (std::vector<double>{999, 499.5, 0}));
}

TEST(Timesteps, AreAsManyAsAskedForAndFallForEveryCount) {
    for (const TimestepSpacing spacing :
         {TimestepSpacing::leading, TimestepSpacing::trailing, TimestepSpacing::linspace}) {
        SchedulerConfig config = stable_diffusion();
        config.timestep_spacing = spacing;
        for (int steps = 1; steps <= 1000; ++steps) {
            const std::vector<double> timesteps = spaced_timesteps(config, steps, Timesteps::whole);
            ASSERT_EQ(timesteps.size(), static_cast<std::size_t>(steps));
            for (std::size_t i = 1; i < timesteps.size(); ++i) ASSERT_LT(timesteps[i], timesteps[i - 1]);
            ASSERT_GE(timesteps.back(), 0.0);
        }
    }
}

TEST(Sigmas, AndTimestepsAreEachOthersInverse) {
    const std::vector<double> sigmas = make_sigmas(make_alphas_cumprod(make_betas(stable_diffusion())));
    for (const double t : {0.0, 17.0, 500.0, 998.0, 999.0}) {
        EXPECT_NEAR(timestep_at(sigmas, sigma_at(sigmas, t)), t, 1e-3);
    }
    EXPECT_NEAR(timestep_at(sigmas, sigma_at(sigmas, 499.25)), 499.25, 0.01);
    EXPECT_EQ(timestep_at(sigmas, 100.0), 999.0);
    EXPECT_EQ(timestep_at(sigmas, 1e-6), 0.0);
    EXPECT_EQ(sigma_at(sigmas, 2000.0), sigmas.back());
}

TEST(Sigmas, OfKarrasAreEvenInTheirSeventhRoot) {
    const std::vector<double> sigmas = karras_sigmas(std::pow(3.0, 7.0), 1.0, 3);
    EXPECT_NEAR(sigmas[0], 2187.0, 1e-9);
    EXPECT_NEAR(sigmas[1], 128.0, 1e-9);
    EXPECT_NEAR(sigmas[2], 1.0, 1e-12);
}

TEST(Sigmas, OfTheExponentialScheduleHaveOneRatio) {
    const std::vector<double> sigmas = exponential_sigmas(16.0, 1.0, 5);
    EXPECT_NEAR(sigmas[1], 8.0, 1e-12);
    EXPECT_NEAR(sigmas[3], 2.0, 1e-12);
}

// scipy.stats.beta.ppf(p, 0.6, 0.6)
TEST(BetaQuantile, IsScipys) {
    EXPECT_EQ(beta_quantile(0.0), 0.0);
    EXPECT_NEAR(beta_quantile(1e-6), 1.8558824624053043e-10, 1e-18);
    EXPECT_NEAR(beta_quantile(0.1), 0.03958440558878085, 1e-13);
    EXPECT_NEAR(beta_quantile(0.5), 0.5, 1e-13);
    EXPECT_NEAR(beta_quantile(0.6), 0.6372990092467856, 1e-13);
    EXPECT_EQ(beta_quantile(1.0), 1.0);
}

TEST(Sigmas, OfTheBetaScheduleLieSymmetricallyBetweenTheirEnds) {
    const std::vector<double> sigmas = beta_sigmas(11.0, 1.0, 5);
    EXPECT_EQ(sigmas.front(), 11.0);
    EXPECT_NEAR(sigmas[2], 6.0, 1e-12);
    EXPECT_NEAR(sigmas[1] + sigmas[3], 12.0, 1e-12);
    EXPECT_EQ(sigmas.back(), 1.0);
    EXPECT_EQ(beta_sigmas(11.0, 1.0, 1), std::vector<double>{11.0});
}

}  // namespace
}  // namespace easel
