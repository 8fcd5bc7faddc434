#include "text/byte_pairs.h"

#include <gtest/gtest.h>

namespace easel {
namespace {

/// a b c, the same as ends of words, and three merges of them.
Vocabulary small_vocabulary() {
    Vocabulary vocabulary;
    vocabulary.ids = {{"a", 0},     {"b", 1},      {"c", 2},  {"a</w>", 3},  {"b</w>", 4},
                      {"c</w>", 5}, {"bc</w>", 6}, {"ab", 7}, {"abc</w>", 8}};
    vocabulary.merges = {{1, 5, 6}, {0, 1, 7}, {0, 6, 8}};
    vocabulary.unknown = 99;
    return vocabulary;
}

std::vector<int> encode(std::string_view word) {
    std::vector<int> ids;
    BytePairs(small_vocabulary()).encode(word, ids);
    return ids;
}

using Ids = std::vector<int>;

TEST(BytePairs, MergesTheBestPairFirst) {
    EXPECT_EQ(encode("abc"), (Ids{8}));  // "b c</w>" goes before "a b"
    EXPECT_EQ(encode("abb"), (Ids{7, 4}));
}

TEST(BytePairs, MarksTheEndOfTheWord) { EXPECT_EQ(encode("a"), (Ids{3})); }

TEST(BytePairs, GivesTheUnknownTokenForABytesWithoutAToken) { EXPECT_EQ(encode("xab\xff"), (Ids{99, 7, 99})); }

TEST(BytePairs, MergesFromTheLeft) {
    Vocabulary vocabulary;
    vocabulary.ids = {{"a", 0}, {"a</w>", 1}, {"aa", 2}};
    vocabulary.merges = {{0, 0, 2}};
    std::vector<int> ids;
    BytePairs(vocabulary).encode("aaaa", ids);
    EXPECT_EQ(ids, (Ids{2, 0, 1}));
}

}  // namespace
}  // namespace easel
