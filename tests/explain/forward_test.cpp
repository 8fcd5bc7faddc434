#include "explain/forward.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "diffusion/sampler_kind.h"
#include "diffusion/schedule.h"
#include "diffusion/scheduler_config.h"
#include "diffusion/scheduler_policy.h"
#include "explain/normals.h"

namespace easel {
namespace {

using testing::normals;

void ones(std::span<float> out) { std::ranges::fill(out, 1.0f); }

TEST(Film, OfKnownNoiseIsWhatTheFormulasSay) {
    const std::vector<float> clean = {2.0f};
    const ForwardFilm film = film_forward(clean, std::vector<double>{0.36, 0.19}, std::vector<int>{0, 1}, ones);
    ASSERT_EQ(film.stepped.size(), 2U);
    EXPECT_NEAR(film.stepped[0][0], 0.8 * 2 + 0.6, 1e-6);
    EXPECT_NEAR(film.stepped[1][0], 0.9 * (0.8 * 2 + 0.6) + std::sqrt(0.19), 1e-6);
    EXPECT_NEAR(film.jumped[0][0], 0.8 * 2 + 0.6, 1e-6);
    EXPECT_NEAR(film.jumped[1][0], 0.72 * 2 + std::sqrt(1 - 0.72 * 0.72), 1e-6);
}

TEST(Film, TakesEachStepOnceWhateverIsShown) {
    const std::vector<float> clean = {1.0f, -1.0f};
    const std::vector<double> betas = make_betas(standard_scheduler_config(sampler_kind("ddim")));
    const auto last = film_forward(clean, betas, std::vector<int>{999}, normals(3)).stepped.back();
    EXPECT_EQ(film_forward(clean, betas, std::vector<int>{0, 10, 500, 999}, normals(3)).stepped.back(), last);
}

TEST(Moments, AreThoseOfTheValuesWithoutBias) {
    const Moments moments = moments_of(std::vector<float>{1.0f, 2.0f, 6.0f});
    EXPECT_DOUBLE_EQ(moments.mean, 3.0);
    EXPECT_DOUBLE_EQ(moments.variance, 7.0);
}

TEST(Measurement, AgreesWithTheoryWithinChance) {
    constexpr int draws = 20000;
    const std::vector<double> betas = make_betas(standard_scheduler_config(sampler_kind("ddim")));
    const std::vector<int> timesteps = {0, 100, 500, 999};
    const auto measured = measure_forward(1.5, betas, timesteps, draws, normals(1));
    ASSERT_EQ(measured.size(), timesteps.size());
    double alpha_bar = 1.0;
    int next = 0;
    for (const ForwardMoments& at : measured) {
        for (; next <= at.timestep; ++next) alpha_bar *= 1.0 - betas[next];
        EXPECT_NEAR(at.theory.mean, 1.5 * std::sqrt(alpha_bar), 1e-6);
        EXPECT_NEAR(at.theory.variance, 1.0 - alpha_bar, 1e-6);
        for (const Moments& moments : {at.stepped, at.jumped}) {
            EXPECT_NEAR(moments.mean, at.theory.mean, 4 * std::sqrt(at.theory.variance / draws)) << at.timestep;
            EXPECT_NEAR(moments.variance, at.theory.variance, 4 * at.theory.variance * std::sqrt(2.0 / draws))
                << at.timestep;
        }
        EXPECT_NE(at.stepped.mean, at.jumped.mean) << "each way has noise of its own";
    }
}

}  // namespace
}  // namespace easel
