#include "explain/schedule_curves.h"

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "diffusion/sampler_kind.h"
#include "diffusion/scheduler_policy.h"

namespace easel {
namespace {

std::vector<ScheduleCurves> curves() { return schedule_curves(standard_scheduler_config(sampler_kind("ddim"))); }

TEST(ScheduleCurves, AreTheFourByName) {
    std::vector<std::string> names;
    for (const ScheduleCurves& schedule : curves()) names.push_back(schedule.name);
    EXPECT_EQ(names, (std::vector<std::string>{"linear", "scaled_linear", "squaredcos_cap_v2", "karras"}));
}

TEST(ScheduleCurves, AreConsistentAtEachTimestep) {
    for (const ScheduleCurves& schedule : curves()) {
        ASSERT_EQ(schedule.sigma.size(), 1000U) << schedule.name;
        double product = 1.0;
        for (std::size_t t = 0; t < 1000; ++t) {
            product *= 1.0 - schedule.beta[t];
            EXPECT_NEAR(schedule.alpha_bar[t], product, 1e-5) << schedule.name << " at " << t;
            const double ratio = schedule.alpha_bar[t] / (1.0 - schedule.alpha_bar[t]);
            EXPECT_NEAR(schedule.snr[t] / ratio, 1.0, 1e-3) << schedule.name << " at " << t;
            EXPECT_NEAR(schedule.sigma[t] * std::sqrt(schedule.snr[t]), 1.0, 1e-9);
            EXPECT_LT(schedule.alpha_bar[t], t > 0 ? schedule.alpha_bar[t - 1] : 1.0) << schedule.name << " at " << t;
        }
    }
}

TEST(ScheduleCurves, KarrasHasTheEndsOfScaledLinear) {
    const auto all = curves();
    EXPECT_NEAR(all[3].sigma.front(), all[1].sigma.front(), 1e-4);
    EXPECT_NEAR(all[3].sigma.back(), all[1].sigma.back(), 1e-4);
    EXPECT_LT(all[3].sigma[300], all[1].sigma[300]) << "more of its steps lie where there is little noise";
}

}  // namespace
}  // namespace easel
