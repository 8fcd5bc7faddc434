#include "settings/settings.h"

#include <cmath>
#include <functional>
#include <initializer_list>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "diffusion/sampler_kind.h"
#include "pipeline/open_networks.h"
#include "settings/table.h"
#include "support/files.h"

namespace easel {
namespace {

Settings with_speed(const Request& request) {
    return complete(request, open_networks("golden/tiny/diffusers").facts, {});
}

TEST(Settings, APresetIsAStepCacheWhereNoneIsAskedFor) {
    const Settings exact = with_speed({.prompt = "a castle"});
    EXPECT_EQ(exact.step_cache, 0.0);
    EXPECT_TRUE(exact.notes.empty());
    EXPECT_EQ(with_speed({.prompt = "a castle", .preset = Preset::balanced}).step_cache, 0.1);
    const Settings fast = with_speed({.prompt = "a castle", .preset = Preset::fast});
    EXPECT_EQ(fast.step_cache, 0.3);
    testing::expect_says(fast.notes.at(0), {"`preset` fast", "not the exact one"});
    EXPECT_EQ(with_speed({.prompt = "a castle", .step_cache = 0.0, .preset = Preset::fast}).step_cache, 0.0);
}

TEST(Settings, AGuidanceIntervalWithoutLengthIsRefused) {
    const auto refusal = [](const Request& request) { return testing::sentence_of([&] { with_speed(request); }); };
    testing::expect_says(refusal({.prompt = "a", .guidance_start = 0.5, .guidance_end = 0.5}),
                         {"`guidance_end` 0.5", "`guidance_start`"});
    EXPECT_EQ(with_speed({.prompt = "a", .guidance_start = 0.5, .guidance_end = 0.6}).guidance_start, 0.5);
}

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

TEST(Settings, TheScheduleThatIsAskedForReplacesTheConfigurations) {
    EXPECT_EQ(schedule("use_karras_sigmas", "discrete"), SigmaSchedule::discrete);
    EXPECT_EQ(schedule("use_exponential_sigmas", "discrete"), SigmaSchedule::discrete);
    EXPECT_EQ(schedule("use_exponential_sigmas", "karras"), SigmaSchedule::karras);
    EXPECT_EQ(schedule("use_karras_sigmas", "exponential"), SigmaSchedule::exponential);
    EXPECT_EQ(schedule("use_karras_sigmas", "beta"), SigmaSchedule::beta);
}

TEST(Settings, EtaIsTheSamplersOwnUnlessAskedFor) {
    const auto eta = [](const std::string& sampler, std::optional<double> asked = {}) {
        const ModelFacts facts = open_networks("golden/tiny/diffusers").facts;
        return complete({.prompt = "a castle", .num_inference_steps = 4, .sampler = sampler, .eta = asked}, facts, {});
    };
    EXPECT_EQ(eta("ddim").eta, 0.0);
    EXPECT_EQ(eta("tcd").eta, 0.3);
    EXPECT_EQ(eta("tcd").plan.eta, 0.3);
    EXPECT_EQ(eta("tcd", 0.0).eta, 0.0);
    EXPECT_TRUE(eta("tcd").notes.empty());
    EXPECT_EQ(eta("euler", 0.5).notes,
              std::vector<std::string>{"`eta` has no effect with the sampler euler; it is for ddim and tcd"});
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

TEST(Sizes, OfAModelsOwnSettingsMustBeOnesThatItDraws) {
    const auto size = [](const Request& request, const ModelDefaults& defaults) {
        return complete(request, facts_of_512(), defaults).size;
    };
    EXPECT_EQ(testing::sentence_of([&] { size({.prompt = "a fox"}, {.width = 500}); }),
              "`width` 500: the model needs a multiple of 8; the nearest are 496 and 504");
    EXPECT_EQ(size({.prompt = "a fox", .width = 504}, {.width = 500}), (Size{504, 512}));
}

TEST(Complete, RefusesAValueWithTheSentenceOfItsText) {
    for (const auto& [field, value, text] : std::initializer_list<std::tuple<const char*, Value, const char*>>{
             {"width", 0, "0"},
             {"height", 4097, "4097"},
             {"num_inference_steps", 1001, "1001"},
             {"guidance_scale", std::nan(""), "nan"},
             {"eta", 1.5, "1.5"},
             {"strength", -0.5, "-0.5"},
             {"mask_blur", -1.0, "-1"},
             {"clip_skip", 0, "0"},
             {"sampler", std::string("magic"), "magic"},
             {"schedule", std::string("magic"), "magic"},
             {"beta_start", 2.0, "2"},
             {"beta_schedule", std::string("magic"), "magic"},
             {"prompt", std::string("caf\xe9"), "caf\xe9"},
             {"negative_prompt", std::string("\xff"), "\xff"}}) {
        Request request{.prompt = "a fox"};
        set(request, setting(field), value);
        EXPECT_EQ(testing::sentence_of([&, &kept = request] { complete(kept, facts_of_512(), {}); }),
                  testing::sentence_of([&, &name = field, &given = text] { value_from_text(setting(name), given); }));
    }
}

TEST(Complete, TakesThePicturesAndRefusesThoseThatAreNotSound) {
    const auto made = [](std::optional<Picture> picture, std::optional<Mask> mask) {
        return complete({.prompt = "a fox", .init_image = std::move(picture), .mask = std::move(mask)}, facts_of_512(),
                        {});
    };
    const Picture picture = picture_of(8, 8);
    const Mask mask{.width = 8, .height = 8, .pixels = std::vector<std::uint8_t>(64, 255)};
    EXPECT_EQ(made({}, {}).task, Task::text_to_image);
    EXPECT_FALSE(made({}, {}).init_image);
    EXPECT_EQ(made(picture, {}).task, Task::image_to_image);
    EXPECT_EQ(made(picture, {}).init_image, picture);
    EXPECT_EQ(made(picture, mask).task, Task::inpaint);
    EXPECT_EQ(made(picture, mask).mask->pixels, mask.pixels);

    Picture cut = picture;
    cut.pixels.pop_back();
    Mask empty;
    for (const auto& [sentence, refused] : std::initializer_list<std::pair<const char*, std::function<Settings()>>>{
             {"`mask`: it needs the picture that it belongs to; give that as `init_image`",
              [&] { return made({}, mask); }},
             {"`init_image`: the size does not match the number of pixels", [&] { return made(cut, {}); }},
             {"`mask`: the size does not match the number of pixels", [&] { return made(picture, empty); }}})
        EXPECT_EQ(testing::sentence_of(refused), sentence);
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
    EXPECT_EQ(plan("DPM++ 3M SDE Exponential").solver_order, 3);
    EXPECT_EQ(plan("DPM++ 3M SDE Exponential").sigma_schedule, SigmaSchedule::exponential);
    EXPECT_EQ(plan("DPM++ SDE Karras").sampler->name, "dpmpp_sde");
    EXPECT_EQ(plan("Euler").sampler->name, "euler");
    EXPECT_THROW(plan("magic"), Error);
}

TEST(ModelNotes, SayWhatTheModelAsksForAndDoesNotGet) {
    ModelFacts facts = facts_of_512();
    facts.scheduler_config = R"({"_class_name": "SASolverScheduler", "predictor_order": 3, "steps_offset": 1})";
    const Settings settings = complete({.prompt = "a fox"}, facts, {});
    ASSERT_EQ(settings.model_notes.size(), 2u);
    EXPECT_NE(settings.model_notes[0].find("SASolverScheduler"), std::string::npos);
    EXPECT_NE(settings.model_notes[1].find("predictor_order"), std::string::npos);
    EXPECT_TRUE(settings.notes.empty());
    EXPECT_EQ(complete({.prompt = "a fox", .sampler = "euler"}, facts, {}).model_notes.size(), 1u);
}

TEST(NotesOfNoEffect, AreGivenOnlyForWhatHasNone) {
    const auto notes_of = [](bool has_controls, ControlMode mode, bool guess_mode) {
        Request request{.prompt = "a fox", .control_mode = mode, .guess_mode = guess_mode};
        if (has_controls) request.controls = {{.model = "net", .file = "a.png"}};
        return complete(std::move(request), facts_of_512(), {}).notes;
    };
    using Notes = std::vector<std::string>;
    EXPECT_EQ(notes_of(true, ControlMode::prompt, false), Notes{});
    EXPECT_EQ(notes_of(true, ControlMode::balanced, true), Notes{});
    EXPECT_EQ(notes_of(false, ControlMode::balanced, false), Notes{});
    EXPECT_EQ(notes_of(false, ControlMode::prompt, false), Notes{"`control_mode` has no effect without `controls`"});
    EXPECT_EQ(notes_of(false, ControlMode::balanced, true), Notes{"`guess_mode` has no effect without `controls`"});
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
