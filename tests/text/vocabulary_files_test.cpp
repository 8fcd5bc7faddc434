#include "text/vocabulary_files.h"

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/json.h"

namespace easel {
namespace {

template <typename Call>
std::string error_of(Call call) {
    try {
        call();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::damaged);
        return error.what();
    }
    return "no error";
}

std::string vocab_error(std::string_view text) {
    Vocabulary vocabulary;
    return error_of([&] { read_vocab_json(vocabulary, parse_json(text, "V"), "V"); });
}

std::string merges_error(std::string_view text) {
    Vocabulary vocabulary;
    vocabulary.ids = {{"a", 0}, {"b", 1}, {"ab", 2}};
    return error_of([&] { read_merges_txt(vocabulary, text, "M"); });
}

std::string tokenizer_error(std::string_view text) {
    Vocabulary vocabulary;
    return error_of([&] { read_tokenizer_json(vocabulary, parse_json(text, "T"), "T"); });
}

std::string special_error(std::string_view text) {
    SpecialTokens special;
    return error_of([&] { read_special_tokens(special, parse_json(text, "C"), "C"); });
}

/// A tokenizer.json with these members in its model, and others beside it.
std::string tokenizer_json(std::string_view model, std::string_view beside = "") {
    return fmt::format(R"({{"model": {{"type": "BPE", "end_of_word_suffix": "</w>", {}}}{}}})", model, beside);
}

TEST(VocabJson, RefusesWhatIsNoObjectOfIds) {
    EXPECT_EQ(vocab_error("[1]"), "V: must be a JSON object, but is array");
    const std::string rule = "V: the id of the token \"a\" must be a whole number from 0 to 2147483647, not ";
    for (const std::string id : {"-1", "1.5", "\"x\"", "null", "2147483648", "18446744073709551616"})
        EXPECT_TRUE(vocab_error(R"({"a": )" + id + "}").starts_with(rule)) << id;
    EXPECT_EQ(vocab_error(R"({"a": [1]})"), rule + "array");
    EXPECT_EQ(vocab_error(R"({"a": 2147483647})"), "no error");
}

TEST(VocabJson, RefusesDuplicatesAndDeepNesting) {
    EXPECT_NE(vocab_error(R"({"a": 1, "a": 2})"), "no error");
    EXPECT_NE(vocab_error(std::string(50'000, '[')), "no error");
}

TEST(MergesTxt, ReadsItsMergesInOrder) {
    Vocabulary vocabulary;
    vocabulary.ids = {{"a", 0}, {"b", 1}, {"ab", 2}, {"ba", 3}};
    read_merges_txt(vocabulary, "#version: 0.2\na b\r\nb a", "M");
    ASSERT_EQ(vocabulary.merges.size(), 2u);
    EXPECT_EQ(vocabulary.merges[0].merged, 2);
    EXPECT_EQ(vocabulary.merges[1].left, 1);
}

TEST(MergesTxt, RefusesLinesThatAreNoTwoTokens) {
    for (const std::string line : {"ab", "a  b", "a b a", " a", "a ", " ", ""})
        EXPECT_EQ(merges_error("#version: 0.2\na b\n" + line + "\n"),
                  "M: merge 2 must be two tokens with one space between, not \"" + line + "\"");
}

TEST(MergesTxt, RefusesATokenThatTheVocabularyLacks) {
    EXPECT_EQ(merges_error("a c\n"), "M: merge 1 needs the token \"c\", which the vocabulary lacks");
    EXPECT_EQ(merges_error("a b\nb a\n"), "M: merge 2 needs the token \"ba\", which the vocabulary lacks");
}

TEST(MergesTxt, IsQuotedShortlyAndAsUtf8) {
    EXPECT_EQ(merges_error("\xff\n"), "M: merge 1 must be two tokens with one space between, not \"\ufffd\"");
    EXPECT_LT(merges_error(std::string(1'000'000, 'x')).size(), 200u);
}

TEST(MergesTxt, MayBeEmpty) {
    EXPECT_EQ(merges_error(""), "no error");
    EXPECT_EQ(merges_error("#version: 0.2"), "no error");
}

TEST(TokenizerJson, ReadsMergesInBothForms) {
    Vocabulary vocabulary;
    const std::string text =
        tokenizer_json(R"("vocab": {"a": 0, "b": 1, "ab": 2, "ba": 3}, "merges": ["a b", ["b", "a"]])",
                       R"(, "added_tokens": [{"id": 9, "content": "<x>", "normalized": true}])");
    read_tokenizer_json(vocabulary, parse_json(text, "T"), "T");
    ASSERT_EQ(vocabulary.merges.size(), 2u);
    EXPECT_EQ(vocabulary.merges[1].merged, 3);
    ASSERT_EQ(vocabulary.added.size(), 1u);
    EXPECT_EQ(vocabulary.added[0].id, 9);
    EXPECT_TRUE(vocabulary.added[0].normalized);
}

TEST(TokenizerJson, RefusesOtherKindsOfTokenizer) {
    const std::string refusal =
        "T: its \"model\" is not of type \"BPE\" with the end_of_word_suffix \"</w>\", so it is not a CLIP tokenizer";
    EXPECT_EQ(tokenizer_error(R"({"model": {"type": "Unigram", "vocab": []}})"), refusal);
    EXPECT_EQ(tokenizer_error(R"({"model": {"type": "BPE", "vocab": {}, "end_of_word_suffix": null}})"), refusal);
    EXPECT_EQ(tokenizer_error(R"({"model": {"type": 7}})"), refusal);
}

TEST(TokenizerJson, NamesWhatIsMissingOrOfTheWrongKind) {
    EXPECT_EQ(tokenizer_error("7"), "T: must be a JSON object, but is number");
    EXPECT_EQ(tokenizer_error("{}"), "T: \"model\" is missing; it must be an object");
    EXPECT_EQ(tokenizer_error(R"({"model": []})"), "T: \"model\" is [], but must be an object");
    EXPECT_EQ(tokenizer_error(tokenizer_json(R"("merges": [])")), "T: \"vocab\" is missing; it must be an object");
    EXPECT_EQ(tokenizer_error(tokenizer_json(R"("vocab": {})")), "T: \"merges\" is missing; it must be a list");
    EXPECT_EQ(tokenizer_error(tokenizer_json(R"("vocab": {}, "merges": {})")),
              "T: \"merges\" is {}, but must be a list");
    for (const std::string merge : {"7", R"(["a"])", R"(["a", 7])", R"({"a": "b"})"})
        EXPECT_EQ(tokenizer_error(tokenizer_json(R"("vocab": {}, "merges": [)" + merge + "]")),
                  "T: merge 1 must be a text or a list of two texts");
}

TEST(TokenizerJson, RefusesAddedTokensThatAreNone) {
    const auto added = [](std::string_view tokens) {
        return tokenizer_error(
            tokenizer_json(R"("vocab": {}, "merges": [])", fmt::format(R"(, "added_tokens": {})", tokens)));
    };
    EXPECT_EQ(added("7"), "T: \"added_tokens\" is 7, but must be a list");
    EXPECT_EQ(added("[7]"), "T: an added token must be an object, not number");
    EXPECT_EQ(added(R"([{"id": 1}])"), "T: \"content\" is missing; it must be a text");
    EXPECT_EQ(added(R"([{"id": 1, "content": ""}])"), "T: the added token with id 1 is empty");
    EXPECT_EQ(added(R"([{"content": "a"}])"),
              "T: the id of the token \"a\" must be a whole number from 0 to 2147483647, not null");
    EXPECT_EQ(added(R"([{"id": 1, "content": "a", "normalized": "no"}])"),
              "T: \"normalized\" is \"no\", but must be true or false");
    std::string many = "[";
    for (int i = 0; i <= 1000; ++i) many += fmt::format(R"({}{{"id": {}, "content": "<{}>"}})", i ? "," : "", i, i);
    EXPECT_EQ(added(many + "]"), "T: it has more than 1000 added tokens, which is too many");
}

TEST(SpecialTokens, AreReadAsTextsAndAsObjects) {
    SpecialTokens special;
    read_special_tokens(special,
                        parse_json(R"({"pad_token": "!", "unk_token": null,
        "bos_token": {"content": "<s>", "normalized": true},
        "added_tokens_decoder": {"9": {"content": "<x>", "normalized": false}}})",
                                   "C"),
                        "C");
    EXPECT_EQ(special.padding.text, "!");
    EXPECT_EQ(special.unknown.text, "<|endoftext|>");
    EXPECT_EQ(special.start.text, "<s>");
    EXPECT_TRUE(special.start.normalized);
    ASSERT_EQ(special.added.size(), 1u);
    EXPECT_EQ(special.added[0].id, 9);
}

TEST(SpecialTokens, NameWhatIsOfTheWrongKind) {
    EXPECT_EQ(special_error("[]"), "C: must be a JSON object, but is array");
    EXPECT_EQ(special_error(R"({"pad_token": 7})"), "C: \"pad_token\" is 7, but must be a text or an object");
    EXPECT_EQ(special_error(R"({"pad_token": {}})"), "C: \"content\" is missing; it must be a text");
    EXPECT_EQ(special_error(R"({"added_tokens_decoder": []})"),
              "C: \"added_tokens_decoder\" is [], but must be an object");
    for (const std::string id : {"", "x", "-1", "99999999999999999999", "2147483648"})
        EXPECT_TRUE(special_error(R"({"added_tokens_decoder": {")" + id + R"(": {"content": "a"}}})")
                        .starts_with("C: the id of the token \"a\" must be a whole number"))
            << id;
}

TEST(SpecialTokens, MustBeInTheVocabulary) {
    Vocabulary vocabulary;
    vocabulary.ids = {{"<|startoftext|>", 1}};
    EXPECT_EQ(error_of([&] { add_special_tokens(vocabulary, SpecialTokens(), "F"); }),
              "F: its vocabulary lacks the special token \"<|endoftext|>\", so it is not CLIP's or is incomplete");
}

TEST(SpecialTokens, OfTheDecoderSayHowTheyAreLookedFor) {
    Vocabulary vocabulary;
    vocabulary.ids = {{"<|startoftext|>", 1}, {"<|endoftext|>", 2}};
    SpecialTokens special;
    special.added = {{"<|endoftext|>", 2, true}};
    add_special_tokens(vocabulary, special, "F");
    ASSERT_EQ(vocabulary.added.size(), 2u);
    EXPECT_FALSE(vocabulary.added[0].normalized);
    EXPECT_TRUE(vocabulary.added[1].normalized);
}

TEST(AddedTokensJson, IsAnObjectOfIds) {
    SpecialTokens special;
    const auto error = [&](std::string_view text) {
        return error_of([&] { read_added_tokens(special, parse_json(text, "A"), "A"); });
    };
    EXPECT_EQ(error("[1]"), "A: must be a JSON object, but is array");
    EXPECT_TRUE(error(R"({"<x>": -1})").starts_with("A: the id of the token \"<x>\" must be a whole number"));
    EXPECT_EQ(error(R"({"": 5})"), "A: the added token with id 5 is empty");
    EXPECT_EQ(error(R"({"<x>": 5, "<|endoftext|>": 6})"), "no error");
    ASSERT_EQ(special.added.size(), 2u);
    EXPECT_EQ(special.added[0].text, "<x>");
    EXPECT_TRUE(special.added[0].normalized);
    EXPECT_FALSE(special.added[1].normalized);
}

TEST(TokenizerConfig, AddedTokensHaveFlagsThatAreTrueOrFalse) {
    SpecialTokens special;
    read_special_tokens(special,
                        parse_json(R"({"added_tokens_decoder": {"9": {"content": "<x>", "lstrip": true,
        "rstrip": true, "single_word": true, "normalized": true, "special": false}}})",
                                   "C"),
                        "C");
    ASSERT_EQ(special.added.size(), 1u);
    EXPECT_TRUE(special.has_decoder);
    EXPECT_TRUE(special.added[0].single_word);
    for (const std::string key : {"lstrip", "rstrip", "single_word"})
        EXPECT_EQ(special_error(R"({"added_tokens_decoder": {"9": {"content": "<x>", ")" + key + R"(": 1}}})"),
                  "C: \"" + key + "\" is 1, but must be true or false");
}

}  // namespace
}  // namespace easel
