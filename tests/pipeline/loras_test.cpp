// Pictures of the tiny model with LoRAs, against those of diffusers and of the reference in golden/scripts.
#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <easel/easel.h>

#include "pipeline/lora_cases.h"
#include "support/files.h"

namespace easel {
namespace {

using testing::adapters;
using testing::golden;
using testing::tiny_engine;

/// A small picture with one LoRA.
Request with_lora(const std::string& lora, double weight = 1.0,
                  std::optional<double> text_encoder_weight = std::nullopt) {
    return {.prompt = "a fox",
            .width = 64,
            .height = 64,
            .num_inference_steps = 2,
            .seed = 1,
            .loras = {{adapters + "loras/" + lora + ".safetensors", weight, text_encoder_weight}}};
}

TEST(Loras, DrawAsTheReferenceDoes) {
    // All cases are drawn by lora_pictures_test.cpp, which takes longer.
    for (const char* name : {"lora_kohya_apart", "lora_two_dora_last", "lora_inpaint"}) {
        const auto cases = testing::lora_cases();
        const auto fields = std::ranges::find(cases, name, [](const auto& one) { return one.at("name"); });
        ASSERT_NE(fields, cases.end()) << name;
        Engine engine = tiny_engine();
        EXPECT_GE(testing::psnr_of_lora_case(engine, *fields), 45.0) << name;
    }
}

/// How often networks are compiled for a picture.
int compilations(Engine& engine, const Request& request) {
    int count = 0;
    const auto count_begun = [&](const Progress& now) { count += now.stage == Stage::compile && now.step == 0; };
    engine.generate(request, {.progress = count_begun});
    return count;
}

TEST(Loras, OnlyWhatChangesIsCompiledAgain) {
    Engine engine = tiny_engine();
    Request plain = with_lora("kohya");
    plain.loras.clear();
    engine.generate(plain);
    EXPECT_EQ(compilations(engine, plain), 0);
    EXPECT_EQ(compilations(engine, with_lora("kohya")), 1);
    EXPECT_EQ(compilations(engine, with_lora("kohya")), 0);
    EXPECT_EQ(compilations(engine, plain), 1);
    EXPECT_EQ(compilations(engine, with_lora("kohya", 0.0)), 0) << "a weight of 0 changes nothing";
    const Picture before = engine.generate(plain).picture;
    EXPECT_EQ(compilations(engine, with_lora("old_processors_unet_only")), 1);
    EXPECT_EQ(engine.generate(plain).picture.pixels, before.pixels);
}

TEST(Loras, TheTextIsEncodedAgainWithAnotherTextEncoder) {
    Engine engine = tiny_engine();
    Request plain = with_lora("kohya");
    plain.loras.clear();
    const Picture without = engine.generate(plain).picture;
    const Picture with = engine.generate(with_lora("kohya", 0.0, 1.0)).picture;
    EXPECT_NE(without.pixels, with.pixels);
    EXPECT_EQ(engine.generate(plain).picture.pixels, without.pixels);
}

TEST(Loras, AFileThatIsWrittenAgainIsReadAgain) {
    const testing::TemporaryFolder folder;
    const auto copy = [&](const std::string& name) {
        std::filesystem::remove(folder / "lora.safetensors");
        std::filesystem::copy_file(adapters + "loras/" + name + ".safetensors", folder / "lora.safetensors");
    };
    Engine engine = tiny_engine();
    Request request = with_lora("kohya");
    request.loras.front().file = folder / "lora.safetensors";
    copy("kohya");
    const Picture first = engine.generate(request).picture;
    copy("loha");
    EXPECT_NE(engine.generate(request).picture.pixels, first.pixels);
    EXPECT_EQ(engine.generate(with_lora("loha")).picture.pixels, engine.generate(request).picture.pixels);
}

TEST(Loras, WhatDoesNotFitLeavesTheModelAsItWas) {
    Engine engine = tiny_engine();
    const Picture before = engine.generate(with_lora("kohya")).picture;
    EXPECT_THROW(engine.generate(with_lora("refuse_other_shapes")), Error);
    EXPECT_THROW(engine.generate(with_lora("is_not_there")), Error);
    EXPECT_THROW(engine.generate(with_lora("kohya", 1e9)), Error);
    EXPECT_EQ(compilations(engine, with_lora("kohya")), 0);
    EXPECT_EQ(engine.generate(with_lora("kohya")).picture.pixels, before.pixels);
}

TEST(Loras, AreToldOnceAndStoredByName) {
    Engine engine = tiny_engine();
    std::vector<std::string> notes;
    const Callbacks callbacks{.note = [&](const std::string& note) { notes.push_back(note); }};
    const Result drawn = engine.generate(with_lora("kohya_ranks", 0.5), callbacks);
    engine.generate(with_lora("kohya_ranks", 0.75), callbacks);
    ASSERT_EQ(notes.size(), 1u);
    EXPECT_NE(notes.front().find("kohya_ranks.safetensors: applied "), std::string::npos) << notes.front();
    EXPECT_NE(drawn.parameters.find("<lora:kohya_ranks:0.5>\n"), std::string::npos) << drawn.parameters;
    EXPECT_NE(drawn.parameters.find("Lora hashes: \"kohya_ranks: "), std::string::npos) << drawn.parameters;
}

}  // namespace
}  // namespace easel
