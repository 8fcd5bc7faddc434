#include "adapters/lora_facts.h"

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

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

TEST(LoraFacts, TellTheFamilyByNamesAndByTheWidthOfTheText) {
    const std::vector<std::byte> zeros(1 << 16);
    const auto facts_with = [&](const std::string& layer, std::int64_t inputs) {
        const auto part = [&](const std::string& name, std::vector<std::int64_t> shape) {
            const auto count = static_cast<std::size_t>(shape[0] * shape[1]);
            return std::pair(name,
                             TensorView{.name = name, .shape = shape, .bytes = std::span(zeros).first(4 * count)});
        };
        return *lora_facts(
            {.tensors = {part(layer + ".lora_down.weight", {2, inputs}), part(layer + ".lora_up.weight", {4, 2})},
             .metadata = {}});
    };
    const std::string attention = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn2_to_k";
    EXPECT_EQ(facts_with(attention, 768).family, "Stable Diffusion 1.x");
    EXPECT_EQ(facts_with(attention, 1024).family, "Stable Diffusion 2.x");
    EXPECT_EQ(facts_with(attention, 2048).family, "Stable Diffusion XL");
    EXPECT_EQ(facts_with(attention, 32).family, "");
    EXPECT_EQ(facts_with("lora_unet_label_emb_0_0", 32).family, "Stable Diffusion XL");
    EXPECT_EQ(facts_with("lora_unet_input_blocks_1_1_proj_in", 32).family,
              "Stable Diffusion 1.x or Stable Diffusion 2.x");
    const LoraFacts second = facts_with("lora_te2_text_model_encoder_layers_0_mlp_fc1", 32);
    EXPECT_EQ(second.family, "Stable Diffusion XL");
    EXPECT_EQ(second.text_encoder_2_layers, 1u);
    EXPECT_NE(second.description().find("1 of the text encoders"), std::string::npos) << second.description();
}

TEST(LoraFacts, ThereAreNoneOfOtherFiles) {
    EXPECT_FALSE(facts_of("tiny/single/tiny.safetensors"));
    EXPECT_FALSE(facts_of("adapters/embeddings/bad_hands.safetensors"));
}

}  // namespace
}  // namespace easel
