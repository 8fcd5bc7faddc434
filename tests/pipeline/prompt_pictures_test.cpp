// Pictures of the tiny model with prompts of every kind, against the reference.
#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include <easel/easel.h>

#include "pipeline/prompt_cases.h"

namespace easel {
namespace {

using testing::golden;
using testing::tiny_engine;

Request small(const std::string& prompt) {
    return {.prompt = prompt, .width = 64, .height = 64, .num_inference_steps = 3, .seed = 1, .sampler = "euler"};
}

TEST(PromptPictures, AreTheReferences) {
    // All cases are drawn by lora_pictures_test.cpp, which takes longer.
    Engine engine = tiny_engine();
    const auto cases = testing::cases_of("prompt_cases.json");
    for (const char* name : {"prompt_weights", "prompt_clip_skip", "prompt_long_unpadded", "prompt_editing_nested"}) {
        const auto fields = std::ranges::find(cases, name, [](const auto& one) { return one.at("name"); });
        ASSERT_NE(fields, cases.end()) << name;
        EXPECT_GE(testing::psnr_of_prompt_case(engine, *fields), 45.0) << name;
    }
}

TEST(PromptPictures, OfPlainWordsAreTheSameInBothReadings) {
    Engine engine = tiny_engine();
    Request request = small("a red fox in the snow");
    const Result drawn = engine.generate(request);
    EXPECT_EQ(drawn.parameters.find("Prompt syntax"), std::string::npos);
    for (const PromptSyntax syntax : {PromptSyntax::plain, PromptSyntax::webui}) {
        request.prompt_syntax = syntax;
        EXPECT_EQ(engine.generate(request).picture.pixels, drawn.picture.pixels);
    }
}

TEST(PromptPictures, StoreHowTheirPromptsWereRead) {
    const Engine engine = tiny_engine();
    EXPECT_NE(engine.parameters(small("a (fox:1.2)")).find(", Prompt syntax: webui, "), std::string::npos);
    Request request = small("a (fox:1.2)");
    request.emphasis = Emphasis::no_norm;
    request.negative_padding = NegativePadding::empty_chunks;
    request.step_rule = StepRule::plain;
    EXPECT_NE(engine.parameters(request).find(", Emphasis: No norm, Pad conds: True, Step rule: plain, "),
              std::string::npos);
    request.prompt_syntax = PromptSyntax::plain;
    EXPECT_EQ(engine.parameters(request).find("Emphasis"), std::string::npos);
}

TEST(PromptPictures, OfPartsAreMixedByTheirWeights) {
    Engine engine = tiny_engine();
    const auto latents = [&](const std::string& prompt) { return engine.generate(small(prompt)).latents.values; };
    EXPECT_EQ(latents("a fox AND a city :0"), latents("a fox"));
    EXPECT_NE(latents("a fox AND a city"), latents("a fox"));
    // Two halves of one are the whole but for rounding.
    const auto halves = latents("a fox :0.5 AND a fox :0.5"), whole = latents("a fox");
    for (std::size_t i = 0; i < whole.size(); ++i) EXPECT_NEAR(halves[i], whole[i], 1e-3) << i;
}

TEST(PromptPictures, AreCompiledAgainOnlyForAnotherLength) {
    Engine engine = tiny_engine();
    const auto compilations = [&](const std::string& prompt) {
        int count = 0;
        engine.generate(small(prompt), {.progress = [&](const Progress& now) {
                            count += now.stage == Stage::compile && now.step == 0;
                        }});
        return count;
    };
    EXPECT_EQ(compilations("a fox"), 1);
    EXPECT_EQ(compilations("a (fox:1.3) [in|on] [snow:ice:0.5]"), 0);
    EXPECT_EQ(compilations("a fox BREAK snow"), 1);
    EXPECT_EQ(compilations("a city BREAK (rain)"), 0);
}

}  // namespace
}  // namespace easel
