#include "base/json_field.h"

#include <functional>
#include <initializer_list>
#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/files.h"

namespace easel {
namespace {

using nlohmann::json;
using testing::sentence_of;

TEST(JsonField, TakesValuesOfTheirTypeWithinTheirLimits) {
    const json object = {{"on", true}, {"steps", 20.0}, {"scale", 1}, {"name", "a"}, {"list", {1}}, {"none", nullptr}};
    const auto field = [&](const char* key) { return optional_field(object, key, "m.json").value(); };
    EXPECT_TRUE(field("on").boolean());
    EXPECT_EQ(field("steps").whole(20, 20), 20);
    EXPECT_EQ(field("scale").number(1.0, 1.0), 1.0);
    EXPECT_EQ(field("scale").between(0.5, 1.5), 1.0);
    EXPECT_EQ(field("name").text(), "a");
    EXPECT_EQ(field("list").entry(field("list").list()[0]).whole(1, 2), 1);
    EXPECT_FALSE(optional_field(object, "none", "m.json"));
    EXPECT_FALSE(optional_field(object, "missing", "m.json"));
    EXPECT_TRUE(required_field(object, "none", "a text", "m.json").is_null());
}

TEST(JsonField, RefusesOthersNamingFileKeyAndWhatTheyMustBe) {
    const json object = {{"a", "x"}, {"b", 1.5}, {"c", 3}, {"d", std::string(100, 'x')}};
    const auto field = [&](const char* key) { return optional_field(object, key, "m.json").value(); };
    for (const auto& [read, sentence] : std::initializer_list<std::pair<std::function<void()>, std::string>>{
             {[&] { field("a").boolean(); }, "m.json: \"a\" is \"x\", but must be true or false"},
             {[&] { field("b").whole(1, 9); }, "m.json: \"b\" is 1.5, but must be a whole number from 1 to 9"},
             {[&] { field("c").whole(4, 9); }, "m.json: \"c\" is 3, but must be a whole number from 4 to 9"},
             {[&] { field("c").number(4, 9); }, "m.json: \"c\" is 3, but must be a number from 4 to 9"},
             {[&] { field("c").between(3, 9); }, "m.json: \"c\" is 3, but must be a number above 3 and below 9"},
             {[&] { field("c").text(); }, "m.json: \"c\" is 3, but must be a text"},
             {[&] { field("c").list(); }, "m.json: \"c\" is 3, but must be a list"},
             {[&] { field("c").object(); }, "m.json: \"c\" is 3, but must be an object"},
             {[&] { field("d").object(); },
              "m.json: \"d\" is \"" + std::string(59, 'x') + "..., but must be an object"},
             {[&] { required_field(object, "e", "a text", "m.json"); }, "m.json: \"e\" is missing; it must be a text"},
             {[&] { require_object(json::array(), "m.json"); }, "m.json: must be a JSON object, but is array"}})
        EXPECT_EQ(sentence_of(read), sentence);
}

}  // namespace
}  // namespace easel
