#include "text/words.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace easel {
namespace {

std::vector<std::string> words(std::string_view text) {
    std::vector<std::string> result;
    const auto characters = normalize(text);
    for (const auto word : split_words(characters)) {
        result.emplace_back();
        for (const Character c : word) append_utf8(result.back(), c.folded);
    }
    return result;
}

using Words = std::vector<std::string>;

TEST(SplitWords, DropsSpaces) {
    EXPECT_EQ(words("  a \t\u00a0photo\n"), (Words{"a", "photo"}));
    EXPECT_EQ(words(" "), Words{});
    EXPECT_EQ(words(""), Words{});
}

TEST(SplitWords, SetsEveryDigitApart) { EXPECT_EQ(words("8k in 2024"), (Words{"8", "k", "in", "2", "0", "2", "4"})); }

TEST(SplitWords, KeepsRunsOfSignsTogether) { EXPECT_EQ(words("wow!!! (a)"), (Words{"wow", "!!!", "(", "a", ")"})); }

TEST(SplitWords, SplitsEnglishEndings) {
    EXPECT_EQ(words("it's we'll they'RE o'x"), (Words{"it", "'s", "we", "'ll", "they", "'re", "o", "'", "x"}));
    EXPECT_EQ(words("''s"), (Words{"''", "s"}));
}

TEST(SplitWords, TreatsAMarkThatCannotBeComposedAsASign) { EXPECT_EQ(words("x\u0301y"), (Words{"x", "\u0301", "y"})); }

TEST(SplitWords, SetsTheTextOfASpecialTokenApartFromSignsAroundIt) {
    EXPECT_EQ(words("<|EndOfText|>!!"), (Words{"<|", "endoftext", "|>", "!!"}));
    EXPECT_EQ(words("<|other|>!!"), (Words{"<|", "other", "|>!!"}));
}

}  // namespace
}  // namespace easel
