#include "settings/settings.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "diffusion/sampler_kind.h"
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
    return complete({.prompt = "a castle", .schedule = asked}, facts, {}).plan.config.sigma_schedule;
}

TEST(Settings, TheScheduleDiscreteIsWithoutKarrasAndLeavesOtherSchedules) {
    EXPECT_EQ(schedule("use_karras_sigmas", "discrete"), SigmaSchedule::discrete);
    EXPECT_EQ(schedule("use_exponential_sigmas", "discrete"), SigmaSchedule::exponential);
    EXPECT_EQ(schedule("use_exponential_sigmas", "karras"), SigmaSchedule::karras);
}

/// A model of 512 x 512 pixels, which is drawn at multiples of 8.
ModelFacts facts_of_512() {
    ModelFacts facts = open_networks("golden/tiny/diffusers").facts;
    facts.latents.downsampling = 8;
    facts.sizes.native = {64, 64};
    facts.sizes.fixed = false;
    facts.sizes.step = 1;
    return facts;
}

Picture picture_of(int width, int height) {
    Picture picture{.width = width, .height = height};
    picture.pixels.resize(3 * static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
    return picture;
}

/// "worked at -> given back" for a picture and the sides that are asked for.
std::string sizes_of(Picture picture, std::optional<int> width = {}, std::optional<int> height = {},
                     const ModelFacts& facts = facts_of_512(), const ModelDefaults& defaults = {}) {
    const Request request{.prompt = "a fox", .width = width, .height = height, .init_image = std::move(picture)};
    const Settings settings = complete(request, facts, defaults);
    return fmt::format("{}x{} -> {}x{}", settings.size.width, settings.size.height, settings.result_size.width,
                       settings.result_size.height);
}

TEST(Sizes, WithoutAPictureAreTheModelsUnlessAskedFor) {
    const auto size = [](const Request& request, const ModelDefaults& defaults) {
        const Settings settings = complete(request, facts_of_512(), defaults);
        EXPECT_EQ(settings.size, settings.result_size);
        return settings.size;
    };
    EXPECT_EQ(size({.prompt = "a fox"}, {}), (Size{512, 512}));
    EXPECT_EQ(size({.prompt = "a fox"}, {.width = 640}), (Size{640, 512}));
    EXPECT_EQ(size({.prompt = "a fox", .height = 768}, {.width = 640}), (Size{640, 768}));
}

TEST(Sizes, OfAPictureAreItsOwnRoundedToTheModelsFactor) {
    EXPECT_EQ(sizes_of(picture_of(512, 512)), "512x512 -> 512x512");
    EXPECT_EQ(sizes_of(picture_of(500, 375)), "504x376 -> 500x375");
    EXPECT_EQ(sizes_of(picture_of(3, 3)), "8x8 -> 3x3");
}

TEST(Sizes, OfAPictureOfMoreThanOneAndAHalfTimesTheModelsAreaShrinkToItWithTheirAspect) {
    EXPECT_EQ(sizes_of(picture_of(768, 512)), "768x512 -> 768x512") << "one and a half times is still drawn as it is";
    EXPECT_EQ(sizes_of(picture_of(776, 512)), "632x416 -> 776x512");
    EXPECT_EQ(sizes_of(picture_of(2048, 1024)), "728x360 -> 2048x1024");
}

TEST(Sizes, OneSideThatIsAskedForBringsTheOtherByThePicturesAspect) {
    EXPECT_EQ(sizes_of(picture_of(1000, 500), 512), "512x256 -> 512x256");
    EXPECT_EQ(sizes_of(picture_of(1000, 500), std::nullopt, 512), "1024x512 -> 1024x512");
    EXPECT_EQ(sizes_of(picture_of(1000, 500), 512, 512), "512x512 -> 512x512");
    EXPECT_EQ(sizes_of(picture_of(1000, 1), 512), "512x8 -> 512x8") << "no side is below the factor";
}

TEST(Sizes, ThatAreChosenFollowTheStepOfTheModel) {
    ModelFacts facts = facts_of_512();
    facts.sizes.step = 8;
    EXPECT_EQ(sizes_of(picture_of(500, 375), {}, {}, facts), "512x384 -> 500x375");
    facts.sizes.fixed = true;
    EXPECT_EQ(sizes_of(picture_of(500, 375), {}, {}, facts, {.width = 64}), "512x512 -> 500x375");
    EXPECT_THROW(sizes_of(picture_of(500, 375), 504, {}, facts), Error);
}

TEST(SamplerNames, OfOtherProgramsAreTaken) {
    const auto plan = [](const std::string& sampler) {
        ModelFacts facts = facts_of_512();
        facts.scheduler_config.reset();
        return complete({.prompt = "a fox", .sampler = sampler}, facts, {}).plan.config;
    };
    EXPECT_EQ(plan("DPM++ 2M Karras").sampler->name, "dpmpp_2m");
    EXPECT_EQ(plan("DPM++ 2M Karras").sigma_schedule, SigmaSchedule::karras);
    EXPECT_EQ(plan("DPM++ 2M").sigma_schedule, SigmaSchedule::discrete);
    EXPECT_EQ(plan("DPM++ 2M SDE").algorithm_type, AlgorithmType::sde_dpmsolver_pp);
    EXPECT_EQ(plan("Euler").sampler->name, "euler");
    EXPECT_THROW(check(Request{.sampler = "magic"}), Error);
}

TEST(ModelNotes, SayWhatTheModelAsksForAndDoesNotGet) {
    ModelFacts facts = facts_of_512();
    facts.scheduler_config = R"({"_class_name": "DPMSolverSDEScheduler", "noise_sampler_seed": 3, "steps_offset": 1})";
    const Settings settings = complete({.prompt = "a fox"}, facts, {});
    ASSERT_EQ(settings.model_notes.size(), 2u);
    EXPECT_NE(settings.model_notes[0].find("DPMSolverSDEScheduler"), std::string::npos);
    EXPECT_NE(settings.model_notes[1].find("noise_sampler_seed"), std::string::npos);
    EXPECT_TRUE(settings.notes.empty());
    EXPECT_EQ(complete({.prompt = "a fox", .sampler = "euler"}, facts, {}).model_notes.size(), 1u);
}

TEST(ModelDefaults, UnknownKeysAreNoted) {
    std::vector<std::string> notes;
    const ModelDefaults defaults =
        parse_model_defaults(R"({"stepps": 3, "steps": 4, "width": null})", "easel.json", notes);
    EXPECT_EQ(defaults.num_inference_steps, 4);
    EXPECT_EQ(notes,
              std::vector<std::string>{"easel.json: these settings are unknown to easel and ignored: \"stepps\""});
}

}  // namespace
}  // namespace easel
