#include "settings/stored_settings.h"

#include <gtest/gtest.h>

#include "diffusion/sampler_kind.h"
#include "diffusion/scheduler_policy.h"
#include "easel/error.h"
#include "settings/parameters.h"
#include "support/files.h"

namespace easel {
namespace {

StoredSettings parse(const std::string& text) { return parse_parameters(text, "x.png"); }

/// All notes in one text.
std::string notes(const StoredSettings& stored) {
    std::string all;
    for (const std::string& sentence : stored.notes) all += sentence + "\n";
    return all;
}

::testing::AssertionResult says(const std::string& text, const std::string& part) {
    if (text.find(part) != std::string::npos) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << "no \"" << part << "\" in: " << text;
}

TEST(StoredSettings, TextOfTheWebUiIsRead) {
    const StoredSettings stored = parse(
        "a castle,\nby night\nNegative prompt: blurry,\nugly\nSteps: 25, Sampler: DPM++ 2M, Schedule type: Karras, "
        "CFG scale: 6.5, Seed: 4294967295, Size: 512x768, Model hash: abc, Model: \"v1, \\\"5\\\"\", Denoising "
        "strength: 0.4, Clip skip: 2, RNG: CPU, Version: v1.9.0");
    const Request& request = stored.request;
    EXPECT_EQ(request.prompt, "a castle,\nby night");
    EXPECT_EQ(request.negative_prompt, "blurry,\nugly");
    EXPECT_EQ(request.num_inference_steps, 25);
    EXPECT_EQ(request.sampler, "dpmpp_2m");
    EXPECT_EQ(request.schedule, "karras");
    EXPECT_EQ(request.guidance_scale, 6.5);
    EXPECT_EQ(request.seed, 4294967295u);
    EXPECT_EQ(request.width, 512);
    EXPECT_EQ(request.height, 768);
    EXPECT_EQ(request.strength, 0.4);
    EXPECT_EQ(request.clip_skip, 2);
    EXPECT_EQ(notes(stored), "");
}

TEST(StoredSettings, QuotedValuesMayHoldCommasAndQuotes) {
    const auto entries = parameters_entries("p\nSteps: 1, Model: \"a, \\\"b\\\": c\", Seed: 2", "x.png");
    ASSERT_EQ(entries.size(), 3u);
    EXPECT_EQ(entries[1].second, "a, \"b\": c");
    EXPECT_EQ(entries[2].first, "Seed");
}

TEST(StoredSettings, SamplerMayEndInItsSchedule) {
    const Request karras = parse("p\nSteps: 20, Sampler: DPM++ 2M Karras, RNG: CPU").request;
    EXPECT_EQ(karras.sampler, "dpmpp_2m");
    EXPECT_EQ(karras.schedule, "karras");
    const Request plain = parse("p\nSteps: 20, Sampler: Euler a, RNG: CPU").request;
    EXPECT_EQ(plain.sampler, "euler_a");
    EXPECT_EQ(plain.schedule, "discrete");
}

TEST(StoredSettings, AutomaticScheduleIsTheSamplersOwn) {
    EXPECT_EQ(parse("p\nSteps: 1, Sampler: DPM++ 2M, Schedule type: Automatic").request.schedule, "karras");
    EXPECT_EQ(parse("p\nSteps: 1, Schedule type: Automatic, Sampler: Euler").request.schedule, "discrete");
    EXPECT_EQ(parse("p\nSteps: 1, Sampler: DPM++ 2M SDE, Schedule type: Automatic").request.schedule, "exponential");
}

TEST(StoredSettings, StochasticSamplersAreReadWithWhatDiffers) {
    const StoredSettings stored = parse("p\nSteps: 20, Sampler: DPM++ 3M SDE, Schedule type: Exponential, RNG: CPU");
    EXPECT_EQ(stored.request.sampler, "dpmpp_3m_sde");
    EXPECT_EQ(stored.request.schedule, "exponential");
    EXPECT_TRUE(says(notes(stored), "generates its noise differently"));
    const std::string old = "p\nSteps: 20, Sampler: DPM++ SDE Karras, RNG: CPU, Version: easel 0.1.0";
    EXPECT_EQ(parse(old).request.sampler, "dpmpp_sde");
    EXPECT_EQ(parse(old).request.schedule, "karras");
    EXPECT_EQ(notes(parse(old)), "");
    EXPECT_EQ(parse("p\nSteps: 1, Sampler: DEIS, Schedule type: Beta").request.schedule, "beta");
    EXPECT_EQ(parse("p\nSteps: 1, Sampler: Euler, Schedule type: Lu").request.schedule, std::nullopt);
}

TEST(StoredSettings, EtaIsReadForTheSamplersThatTakeIt) {
    EXPECT_EQ(parse("p\nSteps: 4, Sampler: TCD, Eta: 0").request.eta, 0.0);
    EXPECT_EQ(parse("p\nSteps: 4, Sampler: TCD, Eta: 0.3").request.eta, 0.3);
    EXPECT_EQ(parse("p\nSteps: 4, Sampler: Euler, Eta: 0.3").request.eta, std::nullopt);
}

TEST(StoredSettings, TextOfStableDiffusionCppIsRead) {
    const StoredSettings stored = parse(testing::read_file("fuzz/parameters/sdcpp.txt"));
    EXPECT_EQ(stored.request.prompt, "a red fox");
    EXPECT_EQ(stored.request.sampler, "dpmpp_2m");
    EXPECT_EQ(stored.request.schedule, "karras");
    EXPECT_EQ(stored.request.guidance_scale, 7.0);
    EXPECT_EQ(stored.request.seed, 42u);
    EXPECT_TRUE(says(notes(stored), "RNG: cuda"));
    EXPECT_TRUE(says(notes(stored), "Skip layers: [7, 8, 9]"));
    EXPECT_EQ(parse("p\nSteps: 1, Sampler: euler_a discrete").request.sampler, "euler_a");
}

TEST(StoredSettings, WhatCannotBeHonouredIsNoted) {
    const std::string said = notes(
        parse("a (fox:1.3) <lora:fur:1>\nSteps: 20, Sampler: DPM adaptive, Hires upscaler: 4x-Ultra, Lora hashes: fur, "
              "Seed: -1, Steps: 99999"));
    for (const char* part : {"DPM adaptive", "Hires upscaler: 4x-Ultra", "Lora hashes: fur", "Seed: -1", "Steps: 99999",
                             "generates its noise differently"})
        EXPECT_TRUE(says(said, part));
}

TEST(StoredSettings, OfASecondPassAreReadAsTheWebUIWritesThem) {
    Request request =
        parse(
            "a fox\nSteps: 20, Size: 512x512, Denoising strength: 0.6, Hires upscale: 1.5, Hires steps: 10, "
            "Hires upscaler: Latent (nearest-exact)")
            .request;
    EXPECT_EQ(request.hires, "1.5");
    EXPECT_EQ(request.hires_steps, 10);
    EXPECT_EQ(request.hires_upscaler, "latent_nearest_exact");
    EXPECT_EQ(request.hires_strength, 0.6);
    EXPECT_EQ(request.strength, std::nullopt);
    request = parse("a fox\nSteps: 20, Hires upscale: 2, Hires resize: 1024x768, Hires upscaler: Lanczos").request;
    EXPECT_EQ(request.hires, "1024x768");
    EXPECT_EQ(request.hires_upscaler, "lanczos");
}

TEST(StoredSettings, OfARefinerAreReadAsTheWebUIWritesThem) {
    const StoredSettings stored = parse(
        "a fox\nSteps: 20, Sampler: Euler, Refiner: sd_xl_refiner_1.0 [7440042bbd], Refiner switch at: 0.7, RNG: CPU");
    EXPECT_EQ(stored.request.refiner_at, 0.7);
    EXPECT_TRUE(stored.notes.empty());
    EXPECT_EQ(parse("a fox\nSteps: 20").request.refiner_at, 1.0) << "drawn without one";
}

TEST(StoredSettings, OfEaselAreOfPlainTextUnlessTheySayOtherwise) {
    EXPECT_EQ(parse("(a)\nSteps: 3, Version: easel 0.1.0").request.prompt_syntax, PromptSyntax::plain);
    EXPECT_EQ(parse("(a)\nSteps: 3, Prompt syntax: webui, Version: easel 0.1.0").request.prompt_syntax,
              PromptSyntax::webui);
    EXPECT_EQ(parse("(a)\nSteps: 3, Version: v1.10.1").request.prompt_syntax, PromptSyntax::webui);
    EXPECT_EQ(parse("(a)\nSteps: 3").request.prompt_syntax, PromptSyntax::webui);
}

TEST(StoredSettings, OfTheWebUisPromptsAreRead) {
    const StoredSettings stored =
        parse("a\nSteps: 3, Emphasis: No norm, Pad conds: True, TI hashes: \"bad_hands: 5a04d9b1c26e, one: 4e3f\"");
    EXPECT_EQ(stored.request.emphasis, Emphasis::no_norm);
    EXPECT_EQ(stored.request.negative_padding, NegativePadding::empty_chunks);
    EXPECT_EQ(stored.request.embeddings, (std::vector<Embedding>{{"bad_hands", "bad_hands"}, {"one", "one"}}));
    EXPECT_EQ(stored.embedding_hashes, (std::vector<std::string>{"5a04d9b1c26e", "4e3f"}));
    EXPECT_EQ(parse("a\nSteps: 3, Emphasis: Original").request.emphasis, Emphasis::original);
    EXPECT_TRUE(says(notes(parse("a\nSteps: 3, Emphasis: None, TI hashes: x")), "Emphasis: None, TI hashes: x"));
}

TEST(StoredSettings, LorasAreTagsInThePromptWithTheirHashesBelow) {
    const StoredSettings stored = parse(
        "a <lora:fur:0.5>fox<lora:ink:1:0.25><hypernet:x:1>\nSteps: 3, Lora hashes: \"ink: 5a04d9b1c26e\", Version: "
        "v1.10");
    EXPECT_EQ(stored.request.prompt, "a fox");
    EXPECT_EQ(stored.request.loras, (std::vector<Lora>{{"fur", 0.5, {}}, {"ink", 0.25, 1.0}}));
    EXPECT_EQ(stored.lora_hashes, (std::vector<std::string>{"", "5a04d9b1c26e"}));
    EXPECT_TRUE(says(notes(stored), "<hypernet:x>"));
    EXPECT_EQ(parse("a\nSteps: 3, LoRAs: \"b.safetensors:0.5\"").request.loras,
              (std::vector<Lora>{{"b.safetensors", 0.5, {}}}))
        << "as easel stored them once";
}

TEST(StoredSettings, NegativePromptMayStandAlone) {
    const Request request = parse("Negative prompt: dark\nSteps: 3").request;
    EXPECT_EQ(request.prompt, "");
    EXPECT_EQ(request.negative_prompt, "dark");
}

TEST(StoredSettings, PromptKeepsItsVerySpaces) {
    EXPECT_EQ(parse(" a  fox \n\nSteps: 3, Version: easel 0.1.0").request.prompt, " a  fox \n");
}

TEST(StoredSettings, SizeOfAPictureKeptAsItWasIsNotAskedFor) {
    const Request request = parse("p\nSteps: 3, Size: 496x376, Result size: 500x375, Version: easel 0.1.0").request;
    EXPECT_FALSE(request.width || request.height);
}

TEST(StoredSettings, EveryPromptComesBackFromTheText) {
    Settings settings;
    settings.num_inference_steps = 3;
    settings.plan.config = standard_scheduler_config(sampler_kind("ddim"));
    for (const std::string prompt :
         {"a fox", "a fox\nNegative prompt: blurry", "Negative prompt: blurry", "a\nSteps: 3, Sampler: DDIM\nfox",
          "Steps: 3", "\"HELLO\" on a wall", "\"HELLO\"", "\"a\\nNegative prompt: b\"", "a fox\r", "a\nfox\n", "",
          "caf\u00e9 \\ \"\nNegative prompt: x"}) {
        SCOPED_TRACE(prompt);
        for (const std::string negative : {"", "blurry", "\nNegative prompt: dark", " dark\r", "\"dark\""}) {
            SCOPED_TRACE(negative);
            settings.prompt = prompt;
            settings.negative_prompt = negative;
            const StoredSettings stored = parse(parameters_text(settings, "model", "f32"));
            EXPECT_EQ(stored.request.prompt, prompt);
            EXPECT_EQ(stored.request.negative_prompt, negative);
            EXPECT_EQ(stored.request.num_inference_steps, 3);
        }
    }
}

TEST(StoredSettings, PromptIsQuotedOnlyWhereItWouldBeMisread) {
    Settings settings;
    settings.plan.config = standard_scheduler_config(sampler_kind("ddim"));
    settings.prompt = "\"a\nb\"";
    EXPECT_TRUE(parameters_text(settings, "model", "f32").starts_with("\"a\nb\"\nSteps: "));
    settings.prompt = "a\nNegative prompt: b";
    EXPECT_TRUE(parameters_text(settings, "model", "f32").starts_with("\"a\\nNegative prompt: b\"\nSteps: "));
}

TEST(StoredSettings, ValuesInBracesAreNotCutAtCommas) {
    const auto entries = parameters_entries(
        "p\nSteps: 1, Hashes: {\"model\": \"ab\", \"lora:x\": [1, 2]}, Seed: 2, Model: a[b, Size: 8x8", "x.png");
    ASSERT_EQ(entries.size(), 5u);
    EXPECT_EQ(entries[1].second, R"({"model": "ab", "lora:x": [1, 2]})");
    EXPECT_EQ(entries[3].second, "a[b") << "a bracket that is never closed";
    EXPECT_EQ(entries[4].first, "Size");
}

TEST(StoredSettings, GreatSeedsAreKept) {
    EXPECT_EQ(parse("p\nSteps: 1, Seed: 6687881544318117707").request.seed, 6687881544318117707u);
}

TEST(StoredSettings, OtherTextIsRefused) {
    for (const char* text : {"", "\n\n", "a fox", "Steps", "{\"seed\": 1}"}) EXPECT_THROW(parse(text), Error) << text;
    EXPECT_THROW(parse(std::string(2u << 20, 'x') + "\nSteps: 1"), Error);
}

TEST(StoredSettings, HaveAPresetWithItsStepCache) {
    const Request stored = parse("a\nSteps: 3, Preset: fast, Step cache: 0").request;
    EXPECT_EQ(stored.preset, Preset::fast);
    EXPECT_EQ(stored.step_cache, 0.0);
}

}  // namespace
}  // namespace easel
