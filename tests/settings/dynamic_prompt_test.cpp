// Choices in prompts.
#include "settings/dynamic_prompt.h"

#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "support/files.h"

namespace easel {
namespace {

class Choices : public ::testing::Test {
  protected:
    std::string made(std::string text, std::uint64_t seed = 1) const {
        std::string* const texts[] = {&text};
        make_choices(std::span<std::string* const>(texts), seed, wildcards);
        return text;
    }

    /// How often each text comes of a hundred seeds.
    std::map<std::string, int> all_made(const std::string& text) const {
        std::map<std::string, int> counts;
        for (std::uint64_t seed = 0; seed < 100; ++seed) ++counts[made(text, seed)];
        return counts;
    }

    std::set<std::string> results(const std::string& text) const {
        std::set<std::string> texts;
        for (const auto& [result, count] : all_made(text)) texts.insert(result);
        return texts;
    }

    testing::TemporaryFolder folder;
    std::filesystem::path wildcards;
};

TEST_F(Choices, AreMadeByTheSeed) {
    EXPECT_EQ(results("a {red|blue} fox"), (std::set<std::string>{"a red fox", "a blue fox"}));
    EXPECT_EQ(made("a {red|blue|green} fox", 7), made("a {red|blue|green} fox", 7));
    EXPECT_EQ(made("a {red|blue} fox", 7), made("a {red|blue} fox", 7 + (1ULL << 32))) << "as the noise has it";
}

TEST_F(Choices, MayBeNestedEmptyAndWeighted) {
    EXPECT_EQ(results("{a {b|c}|d}"), (std::set<std::string>{"a b", "a c", "d"}));
    EXPECT_EQ(results("{|very }big"), (std::set<std::string>{"big", "very big"}));
    auto counts = all_made("{9::red|blue}");
    EXPECT_GT(counts["red"], 75);
    EXPECT_GT(counts["blue"], 0);
    EXPECT_EQ(results("{0::red|blue}"), std::set<std::string>{"blue"});
}

TEST_F(Choices, TakeSeveralWithoutRepeatingOne) {
    EXPECT_EQ(results("{2$$a|b}"), (std::set<std::string>{"a, b", "b, a"}));
    EXPECT_EQ(results("{2$$ and $$a|b}"), (std::set<std::string>{"a and b", "b and a"}));
    EXPECT_EQ(results("{1-2$$a|b}"), (std::set<std::string>{"a", "b", "a, b", "b, a"}));
    EXPECT_EQ(results("{-1$$a|b}"), (std::set<std::string>{"a", "b"}));
    EXPECT_EQ(results("{2-$$a|b}"), (std::set<std::string>{"a, b", "b, a"}));
    EXPECT_EQ(results("{9$$a|b}"), (std::set<std::string>{"a, b", "b, a"}));
    EXPECT_EQ(results("{0$$a|b}"), std::set<std::string>{""});
}

TEST_F(Choices, AreNotSeenInOtherBraces) {
    for (const char* text :
         {"{{masterpiece}}", "a {fox", "a } fox", "{}", "{a$$b}", "__", "a__b", "____", "(a:1.2) [b|c]"}) {
        EXPECT_FALSE(has_choices(text)) << text;
        EXPECT_EQ(made(text), text);
    }
    EXPECT_EQ(made("__colours__"), "__colours__") << "without a folder";
}

TEST_F(Choices, ComeFromFiles) {
    std::filesystem::create_directory(folder / "animals");
    testing::write_file(folder / "colours.txt", "# comment\nred\n\n  blue  \n");
    testing::write_file(folder / "animals/cats.txt", "a __colours__ cat\n{a|one} lion");
    testing::write_file(folder / "animals/dogs.txt", "0::never\nwolf");
    wildcards = folder.path();
    EXPECT_EQ(results("__colours__"), (std::set<std::string>{"red", "blue"}));
    EXPECT_EQ(results("the __animals/cats__"),
              (std::set<std::string>{"the a red cat", "the a blue cat", "the a lion", "the one lion"}));
    EXPECT_EQ(results("__animals/dogs__"), std::set<std::string>{"wolf"});
    EXPECT_EQ(results("__animals/*__").size(), 5u);
    EXPECT_EQ(results("{2$$__colours__|x}"), (std::set<std::string>{"red, x", "blue, x", "x, red", "x, blue"}));
}

TEST_F(Choices, OfFilesThatAreNotThereOrHoldEachOtherAreRefused) {
    testing::write_file(folder / "loop.txt", "a __loop__");
    testing::write_file(folder / "empty.txt", "# nothing\n");
    wildcards = folder / "";
    const auto refusal = [&](const std::string& text) { return testing::sentence_of([&] { made(text); }); };
    testing::expect_says(refusal("__nowhere__"), {"`prompt` __nowhere__", "nowhere.txt"});
    testing::expect_says(refusal("__../secret__"), {"`prompt` __../secret__", "there is no"});
    testing::expect_says(refusal("__loop__"), {"`prompt`", "more than 32 times"});
    testing::expect_says(refusal("__empty__"), {"`prompt` __empty__", "no lines"});
    wildcards = folder / "none";
    testing::expect_says(refusal("__x__"), {"`wildcard_dir`", "none"});
}

}  // namespace
}  // namespace easel
