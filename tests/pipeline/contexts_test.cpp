// What the text encoder of the tiny model makes of weighted and long prompts, against AUTOMATIC1111's formulas in
// torch.
#include "pipeline/contexts.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "base/error.h"
#include "pipeline/model.h"
#include "weights/floats.h"
#include "weights/safetensors.h"

namespace easel {
namespace {

Model& tiny_model() {
    static Model model({.model = "golden/tiny/diffusers", .precision = "f32"});
    return model;
}

struct Encoded {
    PromptTokens tokens;
    Contexts contexts;
};

Encoded encode(const Request& request) {
    Settings settings = complete(request, tiny_model().facts(), tiny_model().defaults());
    PromptTokens tokens = read_prompts(settings, tiny_model().tokenizer(), {});
    const NetworkKeys keys = keys_for(settings, 1, tokens, tiny_model().facts());
    Contexts contexts(tokens, tiny_model().text_encoder(keys, {}, {}), {});
    return {std::move(tokens), std::move(contexts)};
}

/// The text of a prediction of a prompt that is not guided.
std::vector<float> text_of(const Request& request, int prediction = 0) {
    const Contexts contexts = encode(request).contexts;
    return contexts.conditioning(contexts.texts_at(prediction, request.step_rule)).text;
}

void expect_near(const std::vector<float>& values, const std::vector<float>& expected, const std::string& name) {
    ASSERT_EQ(values.size(), expected.size()) << name;
    for (std::size_t i = 0; i < values.size(); ++i) ASSERT_NEAR(values[i], expected[i], 1e-4) << name << " " << i;
}

TEST(Contexts, AreTheReferencesEmbeddings) {
    const SafetensorsFile golden("golden/adapters/prompt_embeddings.safetensors");
    int compared = 0;
    for (const auto& [name, tensor] : golden.tensors()) {
        const std::size_t dot = name.find('.');
        const auto prompt = golden.metadata().find("prompt." + name.substr(0, dot));
        if (prompt == golden.metadata().end()) continue;
        const std::string way = name.substr(dot + 1);
        const Emphasis emphasis = way.starts_with("no_norm")  ? Emphasis::no_norm
                                  : way.starts_with("ignore") ? Emphasis::ignore
                                                              : Emphasis::original;
        const Request request{.prompt = prompt->second,
                              .prompt_syntax = PromptSyntax::webui,
                              .emphasis = emphasis,
                              .guidance_scale = 1.0,
                              .clip_skip = way.ends_with("clip_skip_1") ? 2 : 1};
        expect_near(text_of(request), floats_of(tensor.bytes, tensor.dtype), name);
        ++compared;
    }
    EXPECT_EQ(compared, 28);
}

TEST(Contexts, OfAPromptThatChangesHaveAMeanOfTheirOwn) {
    const SafetensorsFile golden("golden/adapters/prompt_embeddings.safetensors");
    const TensorView& tensor = golden.tensors().at("edited.own_mean");
    const std::vector<float> expected = floats_of(tensor.bytes, tensor.dtype);
    const Request request{.prompt = "[a red fox in the snow:(a city at night:1.3), neon signs, rain:2]",
                          .step_rule = StepRule::plain,
                          .num_inference_steps = 6,
                          .guidance_scale = 1.0,
                          .sampler = "ddim"};
    std::vector<float> both = text_of(request, 1);
    const std::vector<float> second = text_of(request, 2);
    both.insert(both.end(), second.begin(), second.end());
    expect_near(both, expected, "edited.own_mean");
}

TEST(Contexts, ChangeOnePredictionLateUnlessAskedNotTo) {
    const auto texts = [](const std::string& prompt, StepRule rule) {
        const Contexts contexts =
            encode({.prompt = prompt, .num_inference_steps = 5, .guidance_scale = 1.0, .sampler = "ddim"}).contexts;
        std::vector<std::size_t> used;
        for (int i = 0; i < 5; ++i) used.push_back(contexts.texts_at(i, rule).front());
        return used;
    };
    EXPECT_EQ(texts("[a:b:3]", StepRule::webui), (std::vector<std::size_t>{0, 0, 0, 0, 1}));
    EXPECT_EQ(texts("[a:b:3]", StepRule::plain), (std::vector<std::size_t>{0, 0, 0, 1, 1}));
    EXPECT_EQ(texts("a", StepRule::webui), (std::vector<std::size_t>{0, 0, 0, 0, 0}));
}

std::string long_prompt(int chunks) {
    std::string prompt = "tree";
    for (int i = 1; i < chunks; ++i) prompt += " BREAK tree";
    return prompt;
}

TEST(Contexts, OfUnequalLengthsAreRepeatedUntilTheyAreEquallyLong) {
    const Encoded encoded = encode({.prompt = long_prompt(3), .negative_prompt = long_prompt(2)});
    EXPECT_EQ(encoded.tokens.chunk_count(), 6u);
    const Conditioning conditioning = encoded.contexts.conditioning({0, 0});
    EXPECT_EQ(conditioning.rows, 2);
    EXPECT_EQ(conditioning.tokens, 6 * 77);
    const auto chunk = [&](int row, int index) {
        const std::size_t size = 77 * static_cast<std::size_t>(conditioning.width);
        const auto begin = conditioning.text.begin() + static_cast<std::ptrdiff_t>(size) * (6 * row + index);
        return std::vector<float>(begin, begin + static_cast<std::ptrdiff_t>(size));
    };
    for (int i = 0; i < 6; ++i) EXPECT_EQ(chunk(0, i), chunk(0, i % 2)) << i;
    for (int i = 0; i < 6; ++i) EXPECT_EQ(chunk(1, i), chunk(1, i % 3)) << i;
}

TEST(Contexts, OfUnequalLengthsArePaddedWhereThatIsAskedFor) {
    const Encoded encoded = encode({.prompt = long_prompt(3),
                                    .negative_prompt = long_prompt(2),
                                    .negative_padding = NegativePadding::empty_chunks});
    EXPECT_EQ(encoded.tokens.chunk_count(), 3u);
    EXPECT_EQ(encoded.tokens.uncond->texts.front().back(), PromptChunker(tiny_model().tokenizer()).empty());
}

TEST(Contexts, OfPartsEndInTheLastVectorOfTheShorterOnes) {
    const Encoded encoded = encode({.prompt = long_prompt(2) + " AND fog :0.5"});
    const Conditioning conditioning = encoded.contexts.conditioning({0, 0, 0});
    EXPECT_EQ(conditioning.rows, 3);
    const auto width = static_cast<std::ptrdiff_t>(conditioning.width);
    const auto fog = conditioning.text.begin() + 2 * 2 * 77 * width;
    for (int token = 77; token < 2 * 77; ++token)
        EXPECT_TRUE(std::equal(fog + 76 * width, fog + 77 * width, fog + token * width)) << token;
}

Settings read(const Request& request) {
    Settings settings = complete(request, tiny_model().facts(), tiny_model().defaults());
    read_prompts(settings, tiny_model().tokenizer(), {});
    return settings;
}

TEST(Prompts, ThatMeanTheSameAsTextAreReadAsText) {
    EXPECT_EQ(read({.prompt = "a fox, 3:4 of it"}).prompt_syntax, PromptSyntax::plain);
    EXPECT_EQ(read({.prompt = "a (fox)"}).prompt_syntax, PromptSyntax::webui);
    EXPECT_EQ(read({.prompt = "a fox", .negative_prompt = "(dark)"}).prompt_syntax, PromptSyntax::webui);
    EXPECT_EQ(read({.prompt = "a fox", .prompt_syntax = PromptSyntax::webui}).prompt_syntax, PromptSyntax::webui);
    EXPECT_EQ(read({.prompt = "a (fox)", .prompt_syntax = PromptSyntax::plain}).prompt_syntax, PromptSyntax::plain);
}

TEST(Prompts, ThatAreLongAreCutOnlyAsText) {
    std::string prompt;
    for (int i = 0; i < 80; ++i) prompt += "tree ";
    EXPECT_EQ(read({.prompt = prompt}).prompt_syntax, PromptSyntax::webui);
    EXPECT_TRUE(read({.prompt = prompt}).notes.empty());
    EXPECT_EQ(read({.prompt = prompt, .prompt_syntax = PromptSyntax::plain}).notes.size(), 1u);
}

TEST(Prompts, ThatCannotBeDrawnAreRefused) {
    std::string parts = "a";
    for (int i = 0; i < 20; ++i) parts += " AND a";
    for (const Request& request :
         {Request{.prompt = long_prompt(65)}, Request{.prompt = parts}, Request{.prompt = "(a:99999999999)"},
          Request{.prompt = "a :99999999999"}, Request{.prompt = long_prompt(63), .negative_prompt = long_prompt(64)}})
        EXPECT_THROW(read(request), Error) << request.prompt.substr(0, 80);
}

TEST(Prompts, TellOnceWhatMaySurprise) {
    EXPECT_EQ(read({.prompt = "[a:b:3]"}).model_notes.size(), read({.prompt = "a"}).model_notes.size() + 1);
    EXPECT_EQ(read({.prompt = "[a:b:3]", .step_rule = StepRule::plain}).model_notes.size(),
              read({.prompt = "a"}).model_notes.size());
    EXPECT_EQ(read({.prompt = "a | b [c:d:3]"}).model_notes.size(), read({.prompt = "a"}).model_notes.size() + 1);
    EXPECT_EQ(read({.prompt = "ratio 16:9"}).model_notes.size(), read({.prompt = "a"}).model_notes.size() + 1);
}

}  // namespace
}  // namespace easel
