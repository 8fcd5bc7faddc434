#include "diffusion/plan.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "diffusion/sampler.h"
#include "diffusion/sampler_kind.h"
#include "diffusion/scheduler_policy.h"

namespace easel {
namespace {

SamplingPlan plan_of(const std::string& sampler, TimestepSpacing spacing, SigmaSchedule schedule, int steps) {
    SchedulerConfig config = standard_scheduler_config(sampler_kind(sampler));
    config.timestep_spacing = spacing;
    config.steps_offset = 1;
    config.skip_prk_steps = true;
    config.sigma_schedule = schedule;
    return make_plan(config, steps);
}

// What diffusers 0.42.1 keeps of scheduler.timesteps with denoising_end, and where it begins with denoising_start.
TEST(Plans, AreDividedWhereDiffusersDividesThem) {
    using enum TimestepSpacing;
    using enum SigmaSchedule;
    constexpr double parts[] = {0.05, 0.3, 0.5, 0.8, 0.95};
    struct Row {
        std::string sampler;
        TimestepSpacing spacing;
        SigmaSchedule schedule;
        int steps;
        std::vector<std::size_t> until, from;
    };
    const Row rows[] = {
        {"euler", leading, discrete, 7, {0, 2, 3, 5, 6}, {0, 2, 3, 5, 6}},
        {"euler", trailing, discrete, 7, {1, 3, 4, 6, 7}, {1, 3, 4, 6, 7}},
        {"euler", leading, karras, 10, {0, 3, 4, 6, 7}, {0, 3, 4, 6, 7}},
        {"heun", leading, discrete, 7, {0, 3, 5, 9, 11}, {0, 2, 4, 8, 10}},
        {"heun", leading, discrete, 10, {0, 5, 9, 15, 17}, {0, 4, 8, 14, 16}},
        {"pndm", leading, discrete, 7, {0, 3, 4, 6, 7}, {0, 3, 4, 6, 7}},
        {"pndm", leading, discrete, 10, {0, 4, 6, 9, 10}, {0, 4, 6, 9, 10}},
        {"dpmpp_2m", linspace, discrete, 10, {1, 3, 6, 9, 10}, {1, 3, 6, 9, 10}},
        {"ddim", leading, discrete, 10, {0, 3, 5, 8, 9}, {0, 3, 5, 8, 9}},
    };
    for (const Row& row : rows) {
        const SamplingPlan plan = plan_of(row.sampler, row.spacing, row.schedule, row.steps);
        for (std::size_t i = 0; i < std::size(parts); ++i) {
            EXPECT_EQ(plan.calls_until(parts[i]), row.until[i]) << row.sampler << " " << row.steps << " " << parts[i];
            EXPECT_EQ(plan.first_call_after(parts[i]), row.from[i])
                << row.sampler << " " << row.steps << " " << parts[i];
        }
    }
}

}  // namespace
}  // namespace easel
