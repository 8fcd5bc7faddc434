#include "adapters/layer_table.h"

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
