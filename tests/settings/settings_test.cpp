#include "settings/settings.h"

#include <gtest/gtest.h>

#include "pipeline/open_networks.h"

namespace easel {
namespace {

int steps(const ModelFacts& facts, const ModelDefaults& defaults = {}) {
    return complete({.prompt = "a castle"}, facts, defaults).num_inference_steps;
}

TEST(Settings, StepsAre20ForASingleFileAnd32ForAFolder) {
    EXPECT_EQ(steps(open_networks("golden/tiny/single/tiny.safetensors").facts), 20);
    ModelFacts folder = open_networks("golden/tiny/diffusers").facts;
    EXPECT_EQ(steps(folder), 32);
    folder.scheduler_config.reset();
    EXPECT_EQ(steps(folder), 32) << "a scheduler configuration says nothing about steps";
    EXPECT_EQ(steps(open_networks("golden/tiny/ir-2022").facts), 32);
}

TEST(Settings, TheModelsOwnStepsGoBeforeTheUsualOnes) {
    EXPECT_EQ(steps(open_networks("golden/tiny/diffusers").facts, {.num_inference_steps = 12}), 12);
}

SigmaSchedule schedule(const std::string& field, const std::string& asked) {
    ModelFacts facts = open_networks("golden/tiny/diffusers").facts;
    facts.scheduler_config = R"({"_class_name": "EulerDiscreteScheduler", ")" + field + R"(": true})";
    return complete({.prompt = "a castle", .schedule = asked}, facts, {}).scheduler.sigma_schedule;
}

TEST(Settings, TheScheduleDiscreteIsWithoutKarrasAndLeavesOtherSchedules) {
    EXPECT_EQ(schedule("use_karras_sigmas", "discrete"), SigmaSchedule::discrete);
    EXPECT_EQ(schedule("use_exponential_sigmas", "discrete"), SigmaSchedule::exponential);
    EXPECT_EQ(schedule("use_exponential_sigmas", "karras"), SigmaSchedule::karras);
}

}  // namespace
}  // namespace easel
