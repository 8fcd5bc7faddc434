#include "base/json.h"

#include <string>

#include <gtest/gtest.h>

#include "base/process.h"
#include "support/files.h"

namespace easel {
namespace {

using testing::expect_says;
using testing::sentence_of;

std::string refusal(const std::string& text) {
    return sentence_of([&] { parse_json(text, "a/config.json"); });
}

std::string nested(int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') + std::string(static_cast<std::size_t>(depth), ']');
}

TEST(Json, IsParsed) {
    const nlohmann::json parsed = parse_json(R"({"a": [1, 2.5, "ü"], "b": {"a": null}})", "x");
    EXPECT_EQ(parsed["a"][1], 2.5);
    EXPECT_EQ(parsed["a"][2], "ü");
    EXPECT_TRUE(parsed["b"]["a"].is_null());
}

TEST(Json, ThatIsDamagedIsRefusedNamingItsOrigin) {
    for (const char* text : {"", "{", "[1,]", "{\"a\" 1}", "{} {}", "nul", "'a'", "{\"a\": 1e999}"})
        expect_says(refusal(text), {"a/config.json", "not valid JSON"});
}

TEST(Json, ThatIsNotUtf8IsRefused) {
    for (const char* text : {"\"\xff\"", "{\"\xc3\": 1}", "[\"\xed\xa0\x80\"]", "\"\xc0\xaf\""})
        expect_says(refusal(text), {"a/config.json", "not valid JSON"});
}

TEST(Json, MayBeNested32DeepAndNoDeeper) {
    EXPECT_NO_THROW(parse_json(nested(32), "x"));
    expect_says(refusal(nested(33)), {"a/config.json", "nested more than 32 levels deep"});
    expect_says(refusal(nested(50'000)), {"nested more than 32 levels deep"});
    expect_says(refusal(std::string(50'000, '[')), {"nested more than 32 levels deep"});
    std::string objects;
    for (int i = 0; i < 50'000; ++i) objects += "{\"a\":";
    expect_says(refusal(objects), {"nested more than 32 levels deep"});
}

TEST(Json, WithAKeyTwiceInOneObjectIsRefusedNamingTheKey) {
    expect_says(refusal(R"({"a": 1, "b": 2, "a": 3})"), {"a/config.json", "\"a\" occurs twice"});
    expect_says(refusal(R"([{"x": {"y": 1, "y": 1}}])"), {"\"y\" occurs twice"});
    expect_says(refusal("{\"a\": 1, \"\\u0061\": 2}"), {"\"a\" occurs twice"});
    EXPECT_NO_THROW(parse_json(R"([{"a": {"a": 1}}, {"a": 1}])", "x"));
}

TEST(Json, WithAKeyTwiceShowsNoControlCharactersOfIt) {
    expect_says(refusal(R"({"\u001b[2J\n": 1, "\u001b[2J\n": 2})"), {R"("\x1b[2J\x0a" occurs twice)"});
}

TEST(Json, OfManyObjectsInOneListTakesNoTime) {
    std::string text = "[{}";
    for (int i = 0; i < 100'000; ++i) text += ",{}";
    const double before = cpu_seconds();
    EXPECT_EQ(parse_json(text + "]", "x").size(), 100'001u);
    EXPECT_LT(cpu_seconds() - before, 2.0);
}

TEST(Json, ErrorsAreShortAndOfOneLine) {
    const std::string sentence = refusal("\"" + std::string(1'000'000, 'x') + "\n");
    EXPECT_LT(sentence.size(), 500u);
    EXPECT_EQ(sentence.find('\n'), std::string::npos);
    EXPECT_LT(refusal("{\"" + std::string(1'000'000, 'k') + "\":1,\"" + std::string(1'000'000, 'k') + "\":1}").size(),
              500u);
}

}  // namespace
}  // namespace easel
