#include "settings/lora_tags.h"

#include <gtest/gtest.h>

#include <easel/error.h>

namespace easel {
namespace {

void expect_tags(std::string prompt, const std::string& text, const std::vector<LoraTag>& tags) {
    const std::string whole = prompt;
    EXPECT_EQ(take_lora_tags(prompt), tags) << whole;
    EXPECT_EQ(prompt, text) << whole;
}

TEST(LoraTags, AreReadAsTheWebUiReadsThem) {
    expect_tags("a fox <lora:name:0.8>", "a fox ", {{"lora", "name", 0.8, 0.8}});
    expect_tags("<lora:name>a fox", "a fox", {{"lora", "name", 1.0, 1.0}});
    expect_tags("a <lora:my-style_v1.2:0.6:0.3> fox <lora:other:te=0.5:unet=1.2>, snow", "a  fox , snow",
                {{"lora", "my-style_v1.2", 0.6, 0.3}, {"lora", "other", 0.5, 1.2}});
    expect_tags("<lora:name:-0.5><lora:two:unet=0>", "", {{"lora", "name", -0.5, -0.5}, {"lora", "two", 1.0, 0.0}});
    expect_tags("(a fox <lora:name:0.7>:1.2)", "(a fox :1.2)", {{"lora", "name", 0.7, 0.7}});
    expect_tags("<lora:name:1:0.5:8>", "", {{"lora", "name", 1.0, 0.5}});
    expect_tags("<hypernet:name:0.4> a fox", " a fox", {{"hypernet", "name", 0.4, 0.4}});
}

TEST(LoraTags, OtherBracketsAreText) {
    for (const char* text : {"<lora:>", "< lora:name:1>", "a < b > c", "<3", "<lora", "<:x>", "a > b <", "<a b:c>"})
        expect_tags(text, text, {});
    expect_tags("a < b > c <lora:x:1>", "a < b > c ", {{"lora", "x", 1.0, 1.0}});
}

TEST(LoraTags, OfLorasAreReadBackAsTheyWere) {
    const std::vector<Lora> loras = {{"x/ink.safetensors", 0.1, {}}, {"fur.safetensors", -1.0, 0.5}, {"a b", 1.0, {}}};
    EXPECT_TRUE(have_tags(loras));
    std::string text = "a fox" + lora_tags(loras);
    EXPECT_EQ(text, "a fox<lora:ink:0.1><lora:fur:0.5:-1><lora:a b:1>");
    std::vector<Lora> read;
    for (const LoraTag& tag : take_lora_tags(text)) read.push_back(lora_of(tag));
    EXPECT_EQ(read, (std::vector<Lora>{{"ink", 0.1, {}}, {"fur", -1.0, 0.5}, {"a b", 1.0, {}}}));
    for (const char* file : {"a:b.safetensors", "a>b.safetensors", "<a.safetensors", ""})
        EXPECT_FALSE(have_tags({{file}})) << file;
}

TEST(LoraTags, AWeightThatIsNoNumberIsRefused) {
    for (std::string prompt : {"<lora:x:much>", "<lora:x:1:>", "<lora:x:unet=>", "<lora:x:1,5>"})
        EXPECT_THROW(take_lora_tags(prompt), Error) << prompt;
}

}  // namespace
}  // namespace easel
