#include "text/tokenizer.h"

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "support/files.h"
#include "text/golden.h"

namespace easel {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::standard;

void expect_golden_rows(const Tokenizer& tokenizer) {
    const json rows = json::parse(std::ifstream("golden/clip_tokens.json"));
    ASSERT_EQ(rows.size(), 471u);
    for (const json& row : rows) {
        const TokenizedPrompt tokens = tokenizer.encode(row["prompt"].get<std::string>());
        EXPECT_EQ(tokens.ids, row["ids"].get<std::vector<int>>()) << row["prompt"];
        EXPECT_EQ(tokens.cut_tokens, row["cut"]) << row["prompt"];
        EXPECT_EQ(tokens.cut.empty(), tokens.cut_tokens == 0) << row["prompt"];
    }
}

/// A folder with a tokenizer of the standard vocabulary in it.
class TokenizerFolder : public ::testing::Test {
  protected:
    TokenizerFolder() {
        const Vocabulary vocabulary = standard_vocabulary();
        for (const auto& [text, id] : vocabulary.ids) vocab_[text] = id;
    }

    void write(const std::string& name, const std::string& text) const { testing::write_file(folder_ / name, text); }

    void write_vocab_and_merges() {
        json vocab = vocab_;
        vocab["<|startoftext|>"] = 49406;
        vocab["<|endoftext|>"] = 49407;
        write("vocab.json", vocab.dump());
        write("merges.txt", read_text_file("../src/text/merges.txt"));
    }

    /// As the tokenizers library writes it, whose specials are among the added tokens.
    json tokenizer_json() const {
        json merges = json::array();
        std::ifstream lines("../src/text/merges.txt");
        std::string line;
        std::getline(lines, line);
        while (std::getline(lines, line)) merges.push_back(line);
        return {{"added_tokens",
                 {{{"id", 49406}, {"content", "<|startoftext|>"}, {"normalized", true}},
                  {{"id", 49407}, {"content", "<|endoftext|>"}, {"normalized", false}}}},
                {"model", {{"type", "BPE"}, {"end_of_word_suffix", "</w>"}, {"vocab", vocab_}, {"merges", merges}}}};
    }

    std::string error_of_open() const {
        return testing::sentence_of([&] { Tokenizer::open(folder_); });
    }

    testing::TemporaryFolder scratch_;
    fs::path folder_ = scratch_.path();
    json vocab_ = json::object();
};

TEST(StandardTokenizer, GivesTheIdsOfTheReference) { expect_golden_rows(standard()); }

// What transformers gives for Stable Diffusion 2.x, whose tokenizer pads with "!".
TEST(StandardTokenizer, TakesEachOccurrenceOfItsPaddingForOneToken) {
    const Tokenizer tokenizer = Tokenizer::standard(0);
    const std::pair<const char*, std::vector<int>> texts[] = {
        {"a red fox in the snow!", {320, 736, 3240, 530, 518, 2583, 0}},
        {"wow!! a fox! and a cat !", {2781, 0, 0, 320, 3240, 0, 537, 320, 2368, 0}},
        {"a!b!c", {320, 0, 321, 0, 322}},
        {"(!)", {263, 0, 264}},
        {"?!", {286, 0}},
        {"cat!</w>", {2368, 0, 34308, 342, 285}},
        {"!!<|startoftext|>!!", {0, 0, 49406, 0, 0}},
        {"!'s", {0, 568}},
    };
    for (const auto& [text, ids] : texts) EXPECT_EQ(tokenizer.ids(text), ids) << text;
    const std::vector<int> row = tokenizer.encode("cat").ids;
    EXPECT_EQ(std::vector(row.begin(), row.begin() + 4), (std::vector<int>{49406, 2368, 49407, 0}));
    EXPECT_EQ(row.back(), 0);
    EXPECT_EQ(Tokenizer::standard(49407).encode("a cat!").ids, standard().encode("a cat!").ids);
}

TEST(StandardTokenizer, HasTheSpecialTokensOfAModelsFolderWithoutAVocabulary) {
    const testing::TemporaryFolder folder;
    EXPECT_EQ(Tokenizer::of_model(folder.path()).encode("cat!").ids, standard().encode("cat!").ids);
    testing::write_file(folder / "tokenizer_config.json", R"({"pad_token": "<|endoftext|>"})");
    testing::write_file(folder / "special_tokens_map.json", R"({"pad_token": "!"})");
    EXPECT_EQ(Tokenizer::of_model(folder.path()).encode("cat!").ids, Tokenizer::standard(0).encode("cat!").ids);
}

TEST(StandardTokenizer, IsFoundByName) {
    EXPECT_EQ(open_tokenizer("openai/clip-vit-large-patch14").encode("a cat").ids, standard().encode("a cat").ids);
    EXPECT_EQ(standard().greatest_id(), 49407);
}

/// Seconds of processor time, the least of some tries: what else runs on the machine makes most of them slow, but not
/// all.
template <typename Work>
double least_time(Work work) {
    double least = std::numeric_limits<double>::infinity();
    for (int attempt = 0; attempt < 5; ++attempt) {
        const std::clock_t start = std::clock();
        work();
        least = std::min(least, static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
    }
    return least;
}

TEST(Encode, NamesTheWordsThatDoNotFitAsTheyWereWritten) {
    std::string prompt;
    for (int i = 0; i < 74; ++i) prompt += "cat ";
    const TokenizedPrompt tokens = standard().encode(prompt + "Antidisestablishmentarianism, E\u0301T\u00c9");
    EXPECT_EQ(tokens.cut, (std::vector<std::string>{"Antidisestablishmentarianism", ",", "\u00c9T\u00c9"}));
    EXPECT_EQ(tokens.token_count, 75 + tokens.cut_tokens);
    EXPECT_EQ(tokens.ids[75], standard().encode("Antidisestablishmentarianism").ids[1]);
    EXPECT_EQ(tokens.ids[76], 49407);
}

TEST(Encode, CountsSpecialTokensOfThePromptAmongItsTokens) {
    const TokenizedPrompt tokens = standard().encode("cat<|endoftext|> <|StartOfText|>dog");
    EXPECT_EQ(tokens.token_count, 4);
    EXPECT_EQ(std::vector<int>(tokens.ids.begin(), tokens.ids.begin() + 6),
              (std::vector<int>{49406, 2368, 49407, 49406, 1929, 49407}));
}

TEST(Encode, RefusesAPromptThatIsNotUtf8) {
    try {
        standard().encode("caf\xe9");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::bad_request);
        EXPECT_STREQ(error.what(), "the prompt is not UTF-8 text (its byte 4 is wrong); encode it as UTF-8");
    }
}

/// How much longer a prompt takes that is 16 times as long: 16 times if the time is proportional to the length, 256
/// times if it is quadratic.
template <typename MakePrompt>
double times_longer(MakePrompt prompt_of) {
    const auto time_of = [&](std::size_t length) {
        const std::string prompt = prompt_of(length);
        return least_time([&] { EXPECT_GT(standard().encode(prompt).cut_tokens, 0); });
    };
    constexpr std::size_t length = 20'000;
    return time_of(16 * length) / time_of(length);
}
/// As far from the one as from the other.
constexpr double most_times_longer = 64;

TEST(Encode, TakesNoQuadraticTime) {
    for (const std::string part : {"a", "the", "ab", "!", "7", "a ", "<|", "\u6f22", "\u0316\u0301", "<|endoftext|>"}) {
        const auto repeated = [&](std::size_t length) {
            std::string prompt;
            while (prompt.size() < length) prompt += part;
            return prompt;
        };
        EXPECT_LT(times_longer(repeated), most_times_longer) << part;
    }
}

TEST(Encode, SortsLongRunsOfCombiningMarksInNoQuadraticTime) {
    const auto unsorted = [](std::size_t length) {
        std::string prompt;
        for (std::size_t i = 0; i < length / 4; ++i) prompt += "\u0301";
        for (std::size_t i = 0; i < length / 4; ++i) prompt += "\u0316";
        return prompt;
    };
    EXPECT_LT(times_longer(unsorted), most_times_longer);
}

TEST_F(TokenizerFolder, WithVocabAndMergesGivesTheIdsOfTheReference) {
    write_vocab_and_merges();
    const std::string special = R"({"content": "<|startoftext|>", "normalized": true})";
    write("tokenizer_config.json", R"({"pad_token": "<|endoftext|>", "bos_token": )" + special + "}");
    expect_golden_rows(Tokenizer::open(folder_));
}

TEST_F(TokenizerFolder, TakesLongerToOpenThanTheBuiltInVocabulary) {
    write_vocab_and_merges();
    EXPECT_LT(least_time([] { Tokenizer::standard(); }), least_time([&] { Tokenizer::open(folder_); }));
}

TEST_F(TokenizerFolder, WithTokenizerJsonAloneGivesTheIdsOfTheReference) {
    write("tokenizer.json", tokenizer_json().dump());
    expect_golden_rows(Tokenizer::open(folder_));
}

// The ids are those of transformers 5.23 for the tokenizer of Stable Diffusion 2, whose padding is "!".
TEST_F(TokenizerFolder, PadsWithTheTokenThatTheConfigNames) {
    write_vocab_and_merges();
    const std::string end = R"({"content": "<|endoftext|>", "normalized": true})";
    write("special_tokens_map.json", R"({"pad_token": "!", "eos_token": )" + end + R"(, "unk_token": )" + end + "}");
    std::vector<int> expected{49406, 3306, 320, 0, 49407, 49407};
    expected.resize(77, 0);
    EXPECT_EQ(Tokenizer::open(folder_).encode("Hello A! <|ENDOFTEXT|>").ids, expected);
}

TEST_F(TokenizerFolder, KnowsTokensAddedToTheVocabulary) {
    write_vocab_and_merges();
    write("tokenizer_config.json", R"({"added_tokens_decoder": {"49408": {"content": "<cat>", "normalized": false}}})");
    const Tokenizer tokenizer = Tokenizer::open(folder_);
    std::vector<int> expected{49406, 320, 49408, 338, 283, 2368, 285};
    expected.resize(77, 49407);
    EXPECT_EQ(tokenizer.encode("a <cat>s <CAT>").ids, expected);
    EXPECT_EQ(tokenizer.greatest_id(), 49408);
}

TEST_F(TokenizerFolder, PrefersTheLongestOfAddedTokensAtOnePlace) {
    write_vocab_and_merges();
    write("tokenizer_config.json",
          R"({"added_tokens_decoder": {"49408": {"content": "<c"}, "49409": {"content": "<c>"}}})");
    EXPECT_EQ(Tokenizer::open(folder_).encode("<c>").ids[1], 49409);
}

// The ids here and below are those of transformers 5.24 for these files.
TEST_F(TokenizerFolder, KnowsTokensOfAddedTokensJsonWhateverTheirCase) {
    write_vocab_and_merges();
    write("added_tokens.json", R"({"<cat-toy>": 49408, "sks": 49409})");
    const Tokenizer tokenizer = Tokenizer::open(folder_);
    const auto ids = [&](std::string_view prompt) {
        const TokenizedPrompt tokens = tokenizer.encode(prompt);
        return std::vector<int>(tokens.ids.begin() + 1, tokens.ids.begin() + 1 + tokens.token_count);
    };
    EXPECT_EQ(ids("a <cat-toy> here"), (std::vector<int>{320, 49408, 763}));
    EXPECT_EQ(ids("a <CAT-toy>s"), (std::vector<int>{320, 49408, 338}));
    EXPECT_EQ(ids("x<cat-toy>y"), (std::vector<int>{343, 49408, 344}));
    EXPECT_EQ(ids("my_sks dog, SKS-1 sks"), (std::vector<int>{607, 318, 49409, 1929, 267, 49409, 268, 272, 49409}));
    EXPECT_EQ(tokenizer.greatest_id(), 49409);
    // A decoder says more, and then says all.
    write("tokenizer_config.json", R"({"added_tokens_decoder": {}})");
    EXPECT_EQ(Tokenizer::open(folder_).greatest_id(), 49407);
}

TEST_F(TokenizerFolder, KeepsSingleWordsApartFromLongerOnes) {
    write_vocab_and_merges();
    write("tokenizer_config.json",
          R"({"added_tokens_decoder": {"49408": {"content": "sks", "single_word": true, "normalized": true},
              "49409": {"content": "<x>", "single_word": true}}})");
    const Tokenizer tokenizer = Tokenizer::open(folder_);
    const auto holds = [&](std::string_view prompt, int id) {
        return std::ranges::count(tokenizer.encode(prompt).ids, id) > 0;
    };
    EXPECT_EQ(tokenizer.encode("my_sks dog, SKS-1 sks").ids[3], 48136);
    for (const char* prompt : {"sks", "a SKS dog", "sks-1", "(sks)"}) EXPECT_TRUE(holds(prompt, 49408)) << prompt;
    for (const char* prompt : {"my_sks", "skss", "asks", "sks1", "\u00e9sks"})
        EXPECT_FALSE(holds(prompt, 49408)) << prompt;
    EXPECT_TRUE(holds("a <x>.", 49409));
    EXPECT_FALSE(holds("a<x>", 49409));
}

TEST_F(TokenizerFolder, WithoutATokenizerIsRefused) {
    const std::string refusal =
        folder_.string() + ": this folder has no tokenizer; it needs vocab.json and merges.txt, or tokenizer.json";
    EXPECT_EQ(error_of_open(), refusal);
    write("vocab.json", "{}");
    EXPECT_EQ(error_of_open(), refusal);
}

TEST_F(TokenizerFolder, ThatDoesNotExistIsRefused) {
    fs::remove_all(folder_);
    EXPECT_EQ(
        error_of_open(),
        folder_.string() +
            ": there is no such tokenizer folder; give an existing one, or the name openai/clip-vit-large-patch14");
}

TEST_F(TokenizerFolder, WithANameThatNoFolderCanHaveIsRefused) {
    folder_ /= std::string(5000, 'x');
    EXPECT_NE(error_of_open().find("there is no such tokenizer folder"), std::string::npos);
}

TEST_F(TokenizerFolder, WithAHugeFileIsRefusedWithoutReadingIt) {
    write("merges.txt", "");
    write("vocab.json", "{}");
    fs::resize_file(folder_ / "vocab.json", 5ull << 30);
    EXPECT_TRUE(error_of_open().starts_with((folder_ / "vocab.json").string() + ": has 5368709120 bytes"));
}

TEST_F(TokenizerFolder, NamesTheFileThatIsBroken) {
    write_vocab_and_merges();
    write("tokenizer_config.json", "{");
    EXPECT_TRUE(error_of_open().starts_with((folder_ / "tokenizer_config.json").string() + ": it is not valid JSON"));
    write("merges.txt", "i n\nx\n");
    EXPECT_TRUE(error_of_open().starts_with((folder_ / "merges.txt").string() + ": merge 2 must be two tokens"));
}

}  // namespace
}  // namespace easel
