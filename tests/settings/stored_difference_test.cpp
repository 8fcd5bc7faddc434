#include "settings/stored_difference.h"

#include <functional>

#include <gtest/gtest.h>

#include "pipeline/open_networks.h"
#include "settings/parameters.h"

namespace easel {
namespace {

ModelFacts facts_of_tiny_model() { return open_networks("golden/tiny/diffusers").facts; }

RequestInputs inputs_of(const Request& request) {
    return {.init_image = request.init_image.has_value(), .mask = request.mask.has_value()};
}

/// What a picture of the request stores.
std::string stored_text_of(const Request& request, const ModelFacts& facts = facts_of_tiny_model(),
                           const ModelDefaults& defaults = {}) {
    return parameters_text(complete(request, facts, defaults), "tiny", "f32");
}

std::string difference(const Request& request, const std::string& stored) {
    return stored_difference(request, inputs_of(request), stored).value_or("none");
}

/// A request in which each setting has another value than the usual one.
Request unusual() {
    Request request{.prompt = "a fox\nNegative prompt: by night",
                    .negative_prompt = "\"blurry\"",
                    .width = 72,
                    .height = 80,
                    .num_inference_steps = 7,
                    .guidance_scale = 3.25,
                    .seed = 18446744073709551615u,
                    .rng = Rng::numpy,
                    .sampler = "ddim",
                    .beta_start = 0.001,
                    .beta_end = 0.013,
                    .beta_schedule = "linear",
                    .eta = 0.1,
                    .clip_skip = 2};
    request.init_image = Picture{.width = 64, .height = 64, .pixels = std::vector<std::uint8_t>(3 * 64 * 64)};
    request.mask = Mask{.width = 64, .height = 64, .pixels = std::vector<std::uint8_t>(64 * 64, 255)};
    request.strength = 0.3;
    request.mask_blur = 1.5;
    request.masked_content = MaskedContent::fill;
    request.composite = false;
    return request;
}

TEST(StoredDifference, OfARefinerIsWhereItBegins) {
    const ModelFacts facts = facts_of_tiny_model();
    const auto stored = [&](const Request& request) {
        return parameters_text(complete(request, facts, {}, &facts), "tiny", "f32");
    };
    const auto difference_with = [](const Request& request, bool refiner, const std::string& text) {
        return stored_difference(request, {.refiner = refiner}, text).value_or("none");
    };
    const Request usual{.prompt = "a fox", .seed = 1};
    Request other = usual, without = usual;
    other.refiner_at = 0.5;
    without.refiner_at = 1.0;
    EXPECT_EQ(difference_with(usual, true, stored(usual)), "none");
    EXPECT_EQ(difference_with(other, true, stored(other)), "none");
    EXPECT_EQ(difference_with(other, true, stored(usual)), "`refiner_at`");
    EXPECT_EQ(difference_with(usual, false, stored(usual)), "`refiner_at`");
    EXPECT_EQ(difference_with(usual, false, stored(without)), "none");
    EXPECT_EQ(difference_with(other, false, stored(without)), "none") << "of no effect";
    EXPECT_EQ(difference_with(usual, true, stored_text_of(usual)), "`refiner_at`");
    Request ended = usual;
    ended.denoising_end = 0.7;
    EXPECT_EQ(difference(usual, stored_text_of(ended)), "`denoising_end`");
    EXPECT_EQ(difference(ended, stored_text_of(usual)), "`denoising_end`");
    EXPECT_EQ(difference(ended, stored_text_of(ended)), "none");
}

TEST(StoredDifference, OfAPictureThatWasChangedAsThePromptSaysIsItsOwnGuidance) {
    ModelFacts facts = facts_of_tiny_model();
    Request request{.prompt = "make it snow", .image_guidance_scale = 2.0, .seed = 1};
    EXPECT_EQ(difference(request, stored_text_of(request)), "none") << "of no effect with another model";
    facts.guidance = GuidanceRows::three;
    request.init_image = unusual().init_image;
    const std::string text = stored_text_of(request, facts);
    EXPECT_EQ(difference(request, text), "none");
    request.strength = 0.5;
    EXPECT_EQ(difference(request, text), "none") << "of no effect";
    request.image_guidance_scale.reset();
    EXPECT_EQ(difference(request, text), "none") << "the model decides";
    request.image_guidance_scale = 1.25;
    EXPECT_EQ(difference(request, text), "`image_guidance_scale`");
}

TEST(StoredDifference, IsNoneBetweenARequestAndItsOwnPicture) {
    const ModelDefaults wishes{
        .num_inference_steps = 9, .guidance_scale = 2.0, .sampler = "euler", .schedule = "karras"};
    ModelFacts exponential = facts_of_tiny_model();
    exponential.scheduler_config =
        R"({"_class_name": "DPMSolverMultistepScheduler", "use_exponential_sigmas": true, "beta_end": 0.02})";
    Request picture_of_its_own_size = unusual();
    picture_of_its_own_size.width = picture_of_its_own_size.height = std::nullopt;
    picture_of_its_own_size.init_image->width = 63;
    picture_of_its_own_size.init_image->pixels.resize(3 * 63 * 64);
    const Request requests[] = {
        {.prompt = "", .seed = 1},
        {.prompt = "a fox",
         .seed = 1,
         .strength = 0.5,
         .mask_blur = 2.0,
         .masked_content = MaskedContent::fill,
         .composite = false},                        // of no effect
        {.prompt = "a fox", .seed = 1, .eta = 0.5},  // mostly of none
        {.prompt = "a fox", .width = 72, .seed = 1},
        {.prompt = "a fox", .seed = 1, .sampler = "DPM++ 2M Karras"},
        {.prompt = "a fox", .seed = 1, .sampler = "DPM++ 2M SDE", .schedule = "karras"},
        {.prompt = "a fox", .seed = 1, .sampler = "dpmpp_3m_sde", .schedule = "exponential"},
        {.prompt = "a fox", .seed = 1, .sampler = "DPM++ SDE Karras"},
        {.prompt = "a fox", .seed = 1, .sampler = "deis"},
        {.prompt = "a fox", .seed = 1, .sampler = "tcd"},
        {.prompt = "a fox", .seed = 1, .sampler = "tcd", .eta = 0.0},
        {.prompt = "a fox", .seed = 1, .sampler = "euler", .beta_start = 0.00085, .beta_schedule = "scaled_linear"},
        {.prompt = "a fox", .seed = 1, .sampler = "Euler a"},
        {.prompt = "a fox", .seed = 1, .schedule = "discrete"},
        unusual(),
        picture_of_its_own_size,
    };
    for (const Request& request : requests)
        for (const ModelFacts& facts : {facts_of_tiny_model(), exponential})
            for (const ModelDefaults& defaults : {ModelDefaults(), wishes}) {
                const std::string text = stored_text_of(request, facts, defaults);
                EXPECT_EQ(difference(request, text), "none") << text;
            }
}

TEST(StoredDifference, IsNoneInWhatTheRequestLeavesToTheModel) {
    const std::string text = stored_text_of({.prompt = "a fox",
                                             .num_inference_steps = 3,
                                             .guidance_scale = 4.0,
                                             .seed = 5,
                                             .sampler = "lms",
                                             .beta_end = 0.02});
    EXPECT_EQ(difference({.prompt = "a fox"}, text), "none");
}

TEST(StoredDifference, IsFoundInEachSetting) {
    struct Change {
        std::string name;
        std::function<void(Request&)> change;
    };
    const Change changes[] = {
        {"`prompt`", [](Request& request) { request.prompt = "a cat"; }},
        {"`negative_prompt`", [](Request& request) { request.negative_prompt = "ugly"; }},
        {"`seed`", [](Request& request) { request.seed = 3; }},
        {"`num_inference_steps`", [](Request& request) { request.num_inference_steps = 9; }},
        {"`guidance_scale`", [](Request& request) { request.guidance_scale = 6.0; }},
        {"`sampler`", [](Request& request) { request.sampler = "pndm"; }},
        {"`eta`", [](Request& request) { request.eta = 0.9; }},
        {"`clip_skip`", [](Request& request) { request.clip_skip = 3; }},
        {"`beta_start`", [](Request& request) { request.beta_start = 0.002; }},
        {"`beta_end`", [](Request& request) { request.beta_end = 0.014; }},
        {"`beta_schedule`", [](Request& request) { request.beta_schedule = "squaredcos_cap_v2"; }},
        {"size", [](Request& request) { request.width = 88; }},
        {"size", [](Request& request) { request.height = 88; }},
    };
    const Request plain{.prompt = "a fox", .width = 64, .seed = 1, .sampler = "ddim"};
    for (const Change& change : changes)
        for (const Request& before : {plain, unusual()}) {
            Request after = before;
            change.change(after);
            EXPECT_EQ(difference(after, stored_text_of(before)), change.name);
        }
    Request other_noise = unusual();
    other_noise.rng = Rng::torch;
    EXPECT_EQ(difference(other_noise, stored_text_of(unusual())), "`rng`");
}

TEST(StoredDifference, IsFoundInWhatAPictureToBeginFromDecides) {
    const std::string text = stored_text_of(unusual());
    Request request = unusual();
    request.strength = 0.4;
    EXPECT_EQ(difference(request, text), "`strength`");
    request.strength = std::nullopt;  // easel's own, which no model changes
    EXPECT_EQ(difference(request, text), "`strength`");
    request = unusual();
    request.mask_blur = 0.0;
    EXPECT_EQ(difference(request, text), "`mask_blur`");
    request = unusual();
    request.masked_content = MaskedContent::original;
    EXPECT_EQ(difference(request, text), "`masked_content`");
    request = unusual();
    request.composite = true;
    EXPECT_EQ(difference(request, text), "`composite`");
    request = unusual();
    request.mask.reset();
    EXPECT_NE(difference(request, text), "none");
    request.init_image.reset();
    EXPECT_EQ(difference(request, text), "`strength`");
}

TEST(StoredDifference, IsFoundInTheSchedule) {
    const auto with = [](const std::string& schedule) {
        return Request{.prompt = "a fox", .seed = 1, .sampler = "euler", .schedule = schedule};
    };
    EXPECT_EQ(difference(with("karras"), stored_text_of(with("discrete"))), "`schedule`");
    EXPECT_EQ(difference(with("discrete"), stored_text_of(with("karras"))), "`schedule`");
    const Request named{.prompt = "a fox", .seed = 1, .sampler = "Euler Karras"};
    EXPECT_EQ(difference(named, stored_text_of(with("discrete"))), "`schedule`");
    EXPECT_EQ(difference(with("exponential"), stored_text_of(with("karras"))), "`schedule`");
    EXPECT_EQ(difference(with("discrete"), stored_text_of(with("beta"))), "`schedule`");
    EXPECT_EQ(difference(with("beta"), stored_text_of(with("beta"))), "none");
}

TEST(StoredDifference, IsTheVersionOfPicturesOfOtherPrograms) {
    EXPECT_EQ(difference({.prompt = "p"}, "p\nSteps: 20, Sampler: Euler, Seed: 1, Size: 64x64, Version: v1.9.0"),
              "version of easel");
    EXPECT_EQ(difference({.prompt = "p"}, "p\nSteps: 20"), "version of easel");
    EXPECT_THROW(stored_difference({.prompt = "p"}, {}, "no settings"), Error);
}

/// What a picture of the request stores, whose prompts were read so.
std::string text_read(const Request& request, PromptSyntax syntax) {
    Settings settings = complete(request, facts_of_tiny_model(), {});
    settings.prompt_syntax = syntax;
    return parameters_text(settings, "tiny", "f32");
}

TEST(StoredDifference, IsInHowThePromptsAreRead) {
    const Request words{.prompt = "a fox", .seed = 1}, brackets{.prompt = "a (fox)", .seed = 1};
    Request plain = brackets, webui = brackets;
    plain.prompt_syntax = PromptSyntax::plain;
    webui.prompt_syntax = PromptSyntax::webui;
    const std::string as_text = text_read(brackets, PromptSyntax::plain);
    const std::string as_webui = text_read(brackets, PromptSyntax::webui);
    EXPECT_EQ(difference(words, text_read(words, PromptSyntax::plain)), "none");
    EXPECT_EQ(difference(brackets, as_webui), "none");
    EXPECT_EQ(difference(webui, as_webui), "none");
    EXPECT_EQ(difference(plain, as_text), "none");
    EXPECT_EQ(difference(brackets, as_text), "`prompt_syntax`");
    EXPECT_EQ(difference(plain, as_webui), "`prompt_syntax`");
    EXPECT_EQ(difference(webui, as_text), "`prompt_syntax`");
}

TEST(StoredDifference, IsInTheWaysOfTheWebUi) {
    const Request usual{.prompt = "a (fox)", .seed = 1};
    Request other = usual;
    other.emphasis = Emphasis::no_norm;
    EXPECT_EQ(difference(other, text_read(other, PromptSyntax::webui)), "none");
    EXPECT_EQ(difference(other, text_read(usual, PromptSyntax::webui)), "`emphasis`");
    EXPECT_EQ(difference(usual, text_read(other, PromptSyntax::webui)), "`emphasis`");
    other = usual;
    other.negative_padding = NegativePadding::empty_chunks;
    EXPECT_EQ(difference(other, text_read(other, PromptSyntax::webui)), "none");
    EXPECT_EQ(difference(other, text_read(usual, PromptSyntax::webui)), "`negative_padding`");
    EXPECT_EQ(difference(usual, text_read(other, PromptSyntax::webui)), "`negative_padding`");
    other = usual;
    other.step_rule = StepRule::plain;
    EXPECT_EQ(difference(other, text_read(usual, PromptSyntax::webui)), "`step_rule`");
    const Request words{.prompt = "a fox", .step_rule = StepRule::plain, .seed = 1};
    EXPECT_EQ(difference(words, text_read(words, PromptSyntax::plain)), "none");
}

TEST(StoredDifference, IsInAnEmbeddingThatTheRequestLacks) {
    const Request request{.prompt = "a fox", .seed = 1};
    std::string stored = text_read(request, PromptSyntax::webui);
    stored.replace(stored.find(", Precision"), 0, ", TI hashes: \"cat: 012345678901\"");
    EXPECT_EQ(difference(request, stored), "`embeddings`");
    Request with_cat = request;
    with_cat.embeddings = {{.file = "there/is.safetensors", .token = "cat"}};
    EXPECT_EQ(difference(with_cat, stored), "none");
}

}  // namespace
}  // namespace easel
