#include "text/vocabulary.h"

#include <cstdint>
#include <map>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace easel {
namespace {

TEST(StandardVocabulary, EqualsThePublishedVocabJson) {
    const Vocabulary vocabulary = standard_vocabulary();
    std::map<int, std::string> by_id;
    for (const auto& [text, id] : vocabulary.ids) by_id[id] = text;
    by_id[vocabulary.start] = "<|startoftext|>";
    by_id[vocabulary.end] = "<|endoftext|>";
    ASSERT_EQ(by_id.size(), 49408u);

    // The FNV-1a hash of "id text\n" for the entries of openai/clip-vit-large-patch14's vocab.json in order of their
    // ids.
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const auto& [id, text] : by_id)
        for (const char byte : fmt::format("{} {}\n", id, text))
            hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
    EXPECT_EQ(hash, 0xe7b96e6092042f85);
}

TEST(ByteSymbols, AreDifferentPrintableCharacters) {
    const auto symbols = byte_symbols();
    EXPECT_EQ(symbols['A'], "A");
    EXPECT_EQ(symbols[' '], "Ġ");
    EXPECT_EQ(symbols[0], "Ā");
    EXPECT_EQ(symbols[0xad], "Ń");
    EXPECT_EQ(symbols[0xff], "ÿ");
}

}  // namespace
}  // namespace easel
