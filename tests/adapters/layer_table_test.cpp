#include "adapters/layer_table.h"

#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/files.h"

namespace easel {
namespace {

TEST(LayerTable, HasAllLayersOfStableDiffusion1UnderTheirThreeNames) {
    // [diffusers, kohya, kohya by the blocks of the original code, shape] of the published model.
    const auto rows = nlohmann::json::parse(testing::read_file("golden/adapters/lora_names_sd1.json"));
    Checkpoint checkpoint;  // the defaults of its configurations are those of Stable Diffusion 1.5
    for (const auto& row : rows) {
        const std::string name = row[0];
        const bool is_unet = name.starts_with("unet.");
        const std::string weight = name.substr(name.find('.') + 1) + ".weight";
        (is_unet ? checkpoint.unet.weights : checkpoint.text_encoder.weights)
            .add(weight, {.name = weight, .shape = row[3].get<std::vector<std::int64_t>>()}, nullptr);
    }
    const LayerTable layers(checkpoint);
    EXPECT_EQ(rows.size(), 354u);
    for (const auto& row : rows)
        for (int form = 0; form < 3; ++form) {
            if (row[form].is_null()) continue;
            const AdaptedLayer* layer = layers.find(row[form].get<std::string>());
            ASSERT_TRUE(layer) << row[form];
            EXPECT_EQ(row[0].get<std::string>().substr(row[0].get<std::string>().find('.') + 1), layer->name);
            EXPECT_EQ(layer->weight_shape, row[3].get<std::vector<std::int64_t>>());
        }
}

/// A model of the shape of Stable Diffusion XL, without its weights.
Checkpoint stable_diffusion_xl() {
    Checkpoint checkpoint;
    checkpoint.family = Family::stable_diffusion_xl;
    checkpoint.text_encoder_2.emplace();
    checkpoint.unet.config.levels = {
        {.width = 320, .cross_attention_down = false, .cross_attention_up = false, .heads = 5},
        {.width = 640, .heads = 10, .transformer_layers = 2},
        {.width = 1280, .heads = 20, .transformer_layers = 10}};
    return checkpoint;
}

TEST(LayerTable, HasAllLayersOfStableDiffusionXlUnderTheirNames) {
    // [diffusers, kohya by the blocks of the original code, shape] of the published model.
    const auto rows = nlohmann::json::parse(testing::read_file("golden/adapters/lora_names_sdxl.json"));
    EXPECT_EQ(rows.size(), 1058u);
    Checkpoint checkpoint = stable_diffusion_xl();
    const auto split = [](const std::string& name) {
        return std::pair(name.substr(0, name.find('.')), name.substr(name.find('.') + 1));
    };
    for (const auto& row : rows) {
        const auto [network, layer] = split(row[0]);
        Weights& weights = network == "unet"           ? checkpoint.unet.weights
                           : network == "text_encoder" ? checkpoint.text_encoder.weights
                                                       : checkpoint.text_encoder_2->weights;
        weights.add(layer + ".weight", {.name = layer, .shape = row[2].get<std::vector<std::int64_t>>()}, nullptr);
    }
    const LayerTable layers(checkpoint);
    EXPECT_EQ(layers.family(), Family::stable_diffusion_xl);
    for (const auto& row : rows) {
        const auto [network, layer] = split(row[0]);
        std::string underscores = layer;
        std::ranges::replace(underscores, '.', '_');
        const char* const kohya = network == "unet" ? "unet" : network == "text_encoder" ? "te1" : "te2";
        std::vector<std::string> names = {row[0], fmt::format("lora_{}_{}", kohya, underscores)};
        if (!row[1].is_null()) names.push_back(row[1]);
        for (const std::string& name : names) {
            const AdaptedLayer* found = layers.find(name);
            ASSERT_TRUE(found) << name;
            EXPECT_EQ(diffusers_prefix(found->network), network + ".") << name;
            EXPECT_EQ(found->name, layer) << name;
            EXPECT_EQ(found->weight_shape, row[2].get<std::vector<std::int64_t>>()) << name;
        }
    }
}

TEST(LayerTable, KnowsNoOtherNames) {
    const LayerTable layers(Checkpoint::open("golden/tiny/diffusers"));
    EXPECT_TRUE(layers.find("unet.conv_in"));
    EXPECT_TRUE(layers.find("lora_te1_text_model_encoder_layers_0_mlp_fc1"));
    EXPECT_FALSE(layers.find("conv_in"));
    EXPECT_FALSE(layers.find("lora_te2_text_model_encoder_layers_0_mlp_fc1"));
    EXPECT_FALSE(layers.find(""));
}

}  // namespace
}  // namespace easel
