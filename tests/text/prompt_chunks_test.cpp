#include "text/prompt_chunks.h"

#include <map>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/files.h"
#include "text/golden.h"

namespace easel {
namespace {

using testing::standard;

const nlohmann::json& golden() {
    static const auto json = nlohmann::json::parse(testing::read_file("golden/adapters/prompts.json"));
    return json;
}

void expect_chunks(const std::vector<PromptChunk>& chunks, const nlohmann::json& row,
                   const std::vector<LearnedWord>& words = {}) {
    const std::string prompt = row.at("prompt");
    const auto& expected = row.at("chunks");
    ASSERT_EQ(chunks.size(), expected.size()) << prompt;
    for (std::size_t i = 0; i < chunks.size(); ++i) {
        EXPECT_EQ(chunks[i].ids, expected[i].at("ids").get<std::vector<int>>()) << prompt;
        const std::vector<double> weights = expected[i].at("weights");
        ASSERT_EQ(chunks[i].weights.size(), weights.size());
        for (std::size_t k = 0; k < weights.size(); ++k) EXPECT_DOUBLE_EQ(chunks[i].weights[k], weights[k]) << prompt;
        nlohmann::json places = nlohmann::json::array();
        for (const WordPlace& place : chunks[i].words)
            places.push_back({place.place, words[place.word].name, place.vectors});
        EXPECT_EQ(places, expected[i].value("words", nlohmann::json::array())) << prompt;
    }
}

TEST(PromptChunks, AreTheWebUis) {
    const PromptChunker chunker(standard());
    for (const auto& row : golden().at("weighted"))
        expect_chunks(chunker.chunks(weighted_texts(row.at("prompt").get<std::string>())), row);
}

TEST(PromptChunks, BracketsOfAWholeTextAreText) {
    const PromptChunker chunker(standard());
    for (const auto& row : golden().at("literal")) expect_chunks(chunker.chunks({{row.at("prompt"), 1.0}}), row);
}

TEST(PromptChunks, HavePlacesForTheVectorsOfLearnedWords) {
    std::vector<LearnedWord> words;
    for (const auto& [name, vectors] : golden().at("words").items())
        words.push_back({.name = name, .word = words.size(), .vectors = vectors});
    const PromptChunker chunker(standard(), words);
    const auto& rows = golden().at("with_words");
    EXPECT_EQ(rows.size(), 11u);
    for (const auto& row : rows)
        expect_chunks(chunker.chunks(weighted_texts(row.at("prompt").get<std::string>())), row, words);
}

TEST(PromptChunks, EndOnceAndArePaddedAsTheTokenizerPads) {
    const Tokenizer tokenizer = Tokenizer::standard(0);
    const PromptChunker chunker(tokenizer);
    for (const char* text : {"", "a cat"}) {
        const std::vector<int> ids = chunker.chunks(weighted_texts(text)).front().ids;
        EXPECT_EQ(ids, tokenizer.encode(text).ids) << text;
    }
}

TEST(PromptChunks, OfNothingAreOneEmptyChunk) {
    const PromptChunker chunker(standard());
    EXPECT_EQ(chunker.chunks({}), std::vector{chunker.empty()});
    EXPECT_EQ(plain_chunk(standard().encode("")).ids, chunker.empty().ids);
}

}  // namespace
}  // namespace easel
