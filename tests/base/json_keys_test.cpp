#include "base/json_keys.h"

#include <initializer_list>
#include <utility>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "easel/error.h"

namespace easel {
namespace {

constexpr std::string_view known[] = {"width"};
constexpr KeyWithOneValue unsupported[] = {{"act_fn", "\"silu\""}, {"scale", "1"}, {"solver", "null"}};

std::vector<std::string> check(const char* text) {
    return check_keys(nlohmann::json::parse(text), {.known = known, .unsupported = unsupported}, "m.json");
}

TEST(JsonKeys, KnownKeysAndThoseThatAskForNothingPass) {
    EXPECT_TRUE(
        check(R"({"width": 3, "_note": "x", "new": null, "newer": false, "act_fn": "silu", "scale": 1.0})").empty());
    EXPECT_TRUE(check(R"({"act_fn": null, "solver": false})").empty());
}

TEST(JsonKeys, UnknownKeysAreNamedInOneSentence) {
    EXPECT_EQ(check(R"({"b": 1, "a": [], "width": 3})"),
              std::vector<std::string>{"m.json: these settings are unknown to easel and ignored: \"a\", \"b\""});
    const auto many = check(R"({"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j":1})");
    ASSERT_EQ(many.size(), 1U);
    EXPECT_TRUE(many[0].ends_with("\"h\" and 2 more")) << many[0];
}

TEST(JsonKeys, WhatChangesThePictureAndCannotBeHonouredIsRefusedByName) {
    for (const auto& [text, sentence] : std::initializer_list<std::pair<const char*, const char*>>{
             {R"({"act_fn": "relu"})", "m.json: \"act_fn\" is \"relu\", which is not supported (only \"silu\" is)"},
             {R"({"scale": false})", "m.json: \"scale\" is false, which is not supported (only 1 is)"}})
        try {
            check(text);
            FAIL() << "it was taken";
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::unsupported);
            EXPECT_STREQ(error.what(), sentence);
        }
}

}  // namespace
}  // namespace easel
