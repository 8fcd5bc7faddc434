// Pictures of the tiny model with learned words, against those of diffusers.
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include <easel/easel.h>

#include "pipeline/prompt_cases.h"

namespace easel {
namespace {

using testing::adapters;
using testing::golden;
using testing::tiny_engine;

Request with_embeddings(const std::string& prompt, const std::vector<Embedding>& embeddings) {
    return {.prompt = prompt,
            .width = 64,
            .height = 64,
            .num_inference_steps = 2,
            .seed = 1,
            .sampler = "euler",
            .embeddings = embeddings};
}

Embedding named(const std::string& file, const std::string& token = "") {
    return {.file = adapters + "embeddings/" + file, .token = token};
}

TEST(Embeddings, DrawAsTheReferenceDoes) {
    Engine engine = tiny_engine();
    const auto cases = testing::cases_of("embedding_cases.json");
    EXPECT_EQ(cases.size(), 6u);
    for (const auto& fields : cases) EXPECT_GE(testing::psnr_of_prompt_case(engine, fields), 45.0) << fields.at("name");
}

TEST(Embeddings, AreFoundByFileTokenOrTheFilesOwnToken) {
    Engine engine = tiny_engine();
    const auto pixels = [&](const Request& request) { return engine.generate(request).picture.pixels; };
    const auto drawn = pixels(with_embeddings("a blue_toy", {named("blue_toy.safetensors")}));
    EXPECT_EQ(pixels(with_embeddings("a <blue-toy>", {named("blue_toy.safetensors")})), drawn);
    EXPECT_EQ(pixels(with_embeddings("a thing", {named("blue_toy.safetensors", "thing")})), drawn);
    EXPECT_NE(pixels(with_embeddings("a thing", {named("blue_toy.safetensors")})), drawn);
    Request plain = with_embeddings("a <blue-toy>", {named("blue_toy.safetensors")});
    plain.prompt_syntax = PromptSyntax::plain;
    EXPECT_EQ(pixels(plain), drawn);
}

TEST(Embeddings, ThatArePresentButNotInThePromptChangeNothing) {
    Engine engine = tiny_engine();
    const Result without = engine.generate(with_embeddings("a fox", {}));
    const Result with = engine.generate(with_embeddings("a fox", {named("bad_hands.safetensors")}));
    EXPECT_EQ(with.picture.pixels, without.picture.pixels);
    EXPECT_EQ(with.parameters, without.parameters);
}

TEST(Embeddings, AreStoredByNameAndHash) {
    Engine engine = tiny_engine();
    const std::string parameters = engine.parameters(with_embeddings(
        "a (one-vector:1.2), kitty", {named("one-vector.safetensors"), named("bad_hands.safetensors", "kitty")}));
    const std::size_t begin = parameters.find("TI hashes: \"one-vector: ");
    ASSERT_NE(begin, std::string::npos) << parameters;
    EXPECT_NE(parameters.find(", kitty: ", begin), std::string::npos) << parameters;
}

TEST(Embeddings, OfAnotherWidthAreRefused) {
    Engine engine = tiny_engine();
    for (const char* name : {"refuse_other_width.safetensors", "refuse_sdxl.safetensors", "is_not_there.safetensors"})
        EXPECT_THROW(engine.generate(with_embeddings("a fox", {named(name)})), Error) << name;
}

TEST(Embeddings, LongOnesOfPlainPromptsAreCut) {
    Engine engine = tiny_engine();
    std::string prompt;
    for (int i = 0; i < 73; ++i) prompt += "tree ";
    Request request = with_embeddings(prompt + "bad_hands tree", {named("bad_hands.safetensors")});
    request.prompt_syntax = PromptSyntax::plain;
    std::string notes;
    engine.generate(request, {.note = [&](const std::string& note) { notes += note + "\n"; }});
    EXPECT_NE(notes.find("79 tokens"), std::string::npos) << notes;
}

}  // namespace
}  // namespace easel
