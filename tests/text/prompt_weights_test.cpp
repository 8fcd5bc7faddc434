#include "text/prompt_weights.h"

#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/files.h"
#include "text/golden.h"

namespace easel {
namespace {

using testing::prompt_rows;

void expect_weights(const std::vector<WeightedText>& texts, const nlohmann::json& expected, const std::string& prompt) {
    ASSERT_EQ(texts.size(), expected.size()) << prompt;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        EXPECT_EQ(texts[i].text, expected[i][0].get<std::string>()) << prompt;
        EXPECT_DOUBLE_EQ(texts[i].weight, expected[i][1].get<double>()) << prompt;
    }
}

TEST(PromptWeights, AreReadAsTheWebUiReadsThem) {
    const auto weighted = prompt_rows("weighted");
    EXPECT_EQ(weighted.size(), 82u);
    for (const auto& row : weighted) {
        const std::string prompt = row.at("prompt");
        expect_weights(weighted_texts(prompt), row.at("pieces"), prompt);
    }
}

TEST(PromptWeights, WhatIsNoNumberIsText) {
    for (const char* prompt : {"(a:1.2.3)", "(a:.)", "(a:+)", "(a:+-1)", "(a:1e3)", "(a:0x1)", "(a:)"}) {
        std::string text = prompt;
        text = text.substr(1, text.size() - 2);
        EXPECT_EQ(weighted_texts(prompt), (std::vector<WeightedText>{{text, 1.1}})) << prompt;
    }
}

TEST(PromptWeights, ABreakIsAWordOfItsOwnInAnyScript) {
    EXPECT_EQ(weighted_texts("\u00e9BREAK").size(), 1u);
    EXPECT_EQ(weighted_texts("BREAK\u65b0").size(), 1u);
    EXPECT_EQ(weighted_texts("a\u3000BREAK\u3000b"), (std::vector<WeightedText>{{"a"}, {"BREAK", -1.0}, {"b"}}));
}

TEST(PromptParts, AreDividedByAnd) {
    for (const auto& row : prompt_rows("and")) {
        const std::string prompt = row.at("prompt");
        expect_weights(prompt_parts(prompt), row.at("parts"), prompt);
    }
}

TEST(PromptParts, ANumberAtTheEndIsAWeight) {
    EXPECT_EQ(prompt_parts("a fox"), (std::vector<PromptPart>{{"a fox"}}));
    EXPECT_EQ(prompt_parts("a fox : 1. "), (std::vector<PromptPart>{{"a fox"}}));
    EXPECT_EQ(prompt_parts("ratio 16:9"), (std::vector<PromptPart>{{"ratio 16", 9.0}}));
    for (const char* text : {"ratio 16:9,", "a:b", "a:1.2.3", "a:", "(a:1.2)"})
        EXPECT_EQ(prompt_parts(text), (std::vector<PromptPart>{{text}})) << text;
}

TEST(WebuiSyntax, IsWhatIsNotReadAsItsText) {
    for (const char* prompt : {"(a)", "[a|b]", "a \\( b", "a BREAK b", "a AND b", "a:2", "[a:b:3]", "a\\b", "(a"})
        EXPECT_TRUE(has_webui_syntax(prompt)) << prompt;
    for (const char* prompt : {"", " ", "a fox, in the snow", "a: b", "a | b", "fox)", "BREAKING ANDROID", "{a|b}"})
        EXPECT_FALSE(has_webui_syntax(prompt)) << prompt;
}

}  // namespace
}  // namespace easel
