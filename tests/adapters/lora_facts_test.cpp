#include "adapters/lora_facts.h"

#include <string>

#include <gtest/gtest.h>

#include "weights/safetensors.h"

namespace easel {
namespace {

std::optional<LoraFacts> facts_of(const std::string& file, std::map<std::string, std::string> metadata = {}) {
    const SafetensorsFile opened("golden/" + file);
    if (metadata.empty()) metadata = opened.metadata();
    return lora_facts({.tensors = opened.tensors(), .metadata = metadata});
}

TEST(LoraFacts, CountLayersRanksAndAlphas) {
    const auto facts = facts_of("adapters/loras/kohya.safetensors");
    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->kinds, std::set<std::string>{"LoRA"});
    EXPECT_GT(facts->unet_layers, 0u);
    EXPECT_GT(facts->text_encoder_layers, 0u);
    EXPECT_EQ(facts->ranks.size(), 1u);
    EXPECT_FALSE(facts->alphas.empty());
    EXPECT_NE(facts->description().find(" layers of the UNet and "), std::string::npos) << facts->description();
    EXPECT_EQ(facts_of("adapters/loras/loha.safetensors")->kinds, std::set<std::string>{"LoHa"});
    EXPECT_GT(facts_of("adapters/loras/kohya_ranks.safetensors")->ranks.size(), 1u);
}

TEST(LoraFacts, WordsAreThoseOfAllFoldersTheMostFrequentFirst) {
    const auto facts = facts_of("adapters/loras/kohya.safetensors",
                                {{"ss_tag_frequency", R"({"1_a": {"cat": 2, "red": 5}, "2_b": {"cat": 4, "x": "y"}})"},
                                 {"ss_output_name", "cats"},
                                 {"modelspec.thumbnail", "data:image/jpeg;base64,"}});
    EXPECT_EQ(facts->words, (std::vector<std::pair<std::string, std::int64_t>>{{"cat", 6}, {"red", 5}}));
    EXPECT_EQ(facts->title, "cats");
    EXPECT_TRUE(facts->has_thumbnail);
}

TEST(LoraFacts, MetadataThatMakesNoSenseIsAsIfItWereNotThere) {
    for (const char* tags : {"", "[", "[1]", R"({"a": 1})", R"({"a": {"b": -1.5}})"})
        EXPECT_TRUE(facts_of("adapters/loras/kohya.safetensors", {{"ss_tag_frequency", tags}})->words.empty()) << tags;
}

TEST(LoraFacts, ThereAreNoneOfOtherFiles) {
    EXPECT_FALSE(facts_of("tiny/single/tiny.safetensors"));
    EXPECT_FALSE(facts_of("adapters/embeddings/bad_hands.safetensors"));
}

}  // namespace
}  // namespace easel
