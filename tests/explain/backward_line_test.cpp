#include "explain/backward_line.h"

#include <cmath>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "diffusion/sampler_kind.h"
#include "diffusion/schedule.h"
#include "diffusion/scheduler_config.h"
#include "diffusion/scheduler_policy.h"

namespace easel {
namespace {

constexpr int draws = 40000;
constexpr double x0 = 0.8;

std::vector<BackwardComparison> compared() {
    const NoiseSource noise = [generator = std::make_shared<TorchGenerator>(5)](std::span<float> out) {
        generator->fill_normal(out);
    };
    return compare_backward_lines(x0, make_betas(standard_scheduler_config(sampler_kind("ddim"))),
                                  std::vector<int>{50, 300, 700}, draws, noise);
}

/// How far a fitted slope may be off by chance alone.
double slope_error(const BackwardComparison& at, double alpha_bar) {
    return std::sqrt(at.ddpm.variance / (1.0 - alpha_bar) / draws);
}

TEST(BackwardLine, MeasuredIsDDPMsAndNotTheOneThatSubtractsBetaEpsilon) {
    const auto alphas_cumprod = make_alphas_cumprod(make_betas(standard_scheduler_config(sampler_kind("ddim"))));
    for (const BackwardComparison& at : compared()) {
        const double error = slope_error(at, alphas_cumprod[at.timestep]);
        EXPECT_NEAR(at.measured.slope, at.ddpm.slope, 4 * error) << at.timestep;
        EXPECT_NEAR(at.measured.variance, at.ddpm.variance, 4 * at.ddpm.variance * std::sqrt(2.0 / draws));
        EXPECT_GT(std::abs(at.measured.slope - at.beta_epsilon.slope), 20 * error) << at.timestep;
    }
}

TEST(BackwardLine, OfBothRulesGoesThroughTheMeanOfBoth) {
    // Where x_t is its own mean there is no noise, and both rules say (x_t - 0) / alpha.
    const auto betas = make_betas(standard_scheduler_config(sampler_kind("ddim")));
    const auto alphas_cumprod = make_alphas_cumprod(betas);
    for (const BackwardComparison& at : compared()) {
        const double mean = std::sqrt(alphas_cumprod[at.timestep]) * x0;
        const double expected = mean / std::sqrt(1.0 - betas[at.timestep]);
        for (const BackwardLine& line : {at.ddpm, at.beta_epsilon})
            EXPECT_NEAR(line.slope * mean + line.intercept, expected, 1e-6);
    }
}

}  // namespace
}  // namespace easel
