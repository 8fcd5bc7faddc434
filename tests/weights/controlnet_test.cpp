// ControlNets as they are published: a folder, or a single file under original or diffusers' names.
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "support/files.h"
#include "weights/checkpoint.h"
#include "weights/names.h"
#include "weights/safetensors.h"

namespace easel {
namespace {

const std::string edges = "golden/adapters/controlnet/edges";
const std::string weights = edges + "/diffusion_pytorch_model.safetensors";

Network<ControlNetConfig> opened(const std::filesystem::path& path) {
    std::vector<std::string> notes;
    auto network = open_controlnet(path, notes);
    EXPECT_EQ(notes, std::vector<std::string>{});
    return network;
}

/// Writes the tensors of the folder under other names.
template <typename Rename>
void write_renamed(const std::filesystem::path& path, Rename rename) {
    const SafetensorsFile file(weights);
    std::vector<TensorView> tensors;
    for (const auto& [name, tensor] : file.tensors()) {
        tensors.push_back(tensor);
        tensors.back().name = rename(name);
    }
    write_safetensors(path, tensors);
}

nlohmann::json config() { return nlohmann::json::parse(testing::read_file(edges + "/config.json")); }

/// A folder with another config and the same weights.
std::string sentence_with(const nlohmann::json& config) {
    const testing::TemporaryFolder changed;
    testing::write_file(changed / "config.json", config.dump());
    std::filesystem::copy_file(weights, changed / "diffusion_pytorch_model.safetensors");
    return testing::sentence_of([&] { opened(changed.path()); });
}

TEST(ControlNets, AreReadFromAFolder) {
    const auto network = opened(edges);
    EXPECT_EQ(of_levels(network.config.unet, &UNetLevel::width), (std::vector{16, 32, 32}));
    EXPECT_EQ(network.config.conditioning_embedding_out_channels, (std::vector{4, 6, 8, 12}));
    EXPECT_FALSE(network.config.is_bgr);
    EXPECT_EQ(network.config.downsampling(), 8);
    EXPECT_EQ(skip_count(network.config.unet), 9);
}

TEST(ControlNets, HaveTheirOriginalNames) {
    const NameTable names = original_controlnet_names(opened(edges).config);
    const std::pair<const char*, const char*> pairs[] = {
        {"controlnet_cond_embedding.conv_in.weight", "input_hint_block.0.weight"},
        {"controlnet_cond_embedding.blocks.0.weight", "input_hint_block.2.weight"},
        {"controlnet_cond_embedding.blocks.5.bias", "input_hint_block.12.bias"},
        {"controlnet_cond_embedding.conv_out.weight", "input_hint_block.14.weight"},
        {"controlnet_down_blocks.0.weight", "zero_convs.0.0.weight"},
        {"controlnet_down_blocks.8.bias", "zero_convs.8.0.bias"},
        {"controlnet_mid_block.weight", "middle_block_out.0.weight"},
        {"conv_in.weight", "input_blocks.0.0.weight"},
        {"time_embedding.linear_2.bias", "time_embed.2.bias"},
        {"down_blocks.0.downsamplers.0.conv.weight", "input_blocks.3.0.op.weight"},
        {"down_blocks.1.attentions.1.proj_in.weight", "input_blocks.5.1.proj_in.weight"},
        {"mid_block.resnets.1.conv1.weight", "middle_block.2.in_layers.2.weight"},
    };
    for (const auto& [diffusers, original] : pairs) {
        EXPECT_EQ(names.from_diffusers(diffusers), original);
        EXPECT_EQ(names.to_diffusers(original), diffusers);
    }
}

TEST(ControlNets, InSingleFilesAreTheSame) {
    const auto expected = opened(edges);
    const NameTable names = original_controlnet_names(expected.config);
    const testing::TemporaryFolder files;
    write_renamed(files / "bare.safetensors", [&](const std::string& name) { return names.from_diffusers(name); });
    write_renamed(files / "prefixed.safetensors",
                  [&](const std::string& name) { return "control_model." + names.from_diffusers(name); });
    write_renamed(files / "diffusers.safetensors", [](const std::string& name) { return name; });
    for (const char* name : {"bare.safetensors", "prefixed.safetensors", "diffusers.safetensors"}) {
        SCOPED_TRACE(name);
        const auto network = opened(files / name);
        EXPECT_EQ(network.config.conditioning_embedding_out_channels,
                  expected.config.conditioning_embedding_out_channels);
        for (std::size_t i = 0; i < expected.config.unet.levels.size(); ++i)
            EXPECT_EQ(network.config.unet.levels[i], expected.config.unet.levels[i]) << i;
        EXPECT_EQ(network.config.unet.norm_num_groups, expected.config.unet.norm_num_groups);
        ASSERT_EQ(network.weights.names(), expected.weights.names());
        for (const std::string& weight : expected.weights.names())
            EXPECT_TRUE(std::ranges::equal(network.weights.at(weight).bytes, expected.weights.at(weight).bytes))
                << weight;
    }
}

TEST(ControlNets, OfStableDiffusionXlTellWhatIsAddedToTheText) {
    const std::string xl = "golden/xl_controls/edges";
    const auto expected = opened(xl);
    EXPECT_EQ(of_levels(expected.config.unet, &UNetLevel::width), (std::vector{8, 12, 16}));
    EXPECT_EQ(expected.config.unet.added_conditions, 56);
    EXPECT_EQ(expected.config.unet.addition_time_embed_dim, 8);
    const NameTable names = original_controlnet_names(expected.config);
    EXPECT_EQ(names.from_diffusers("add_embedding.linear_2.weight"), "label_emb.0.2.weight");
    const SafetensorsFile file(xl + "/diffusion_pytorch_model.safetensors");
    const testing::TemporaryFolder files;
    for (const bool is_original : {false, true}) {
        std::vector<TensorView> tensors;
        for (const auto& [name, tensor] : file.tensors()) {
            tensors.push_back(tensor);
            if (is_original) tensors.back().name = "control_model." + names.from_diffusers(name);
        }
        write_safetensors(files / "net.safetensors", tensors);
        const auto network = opened(files / "net.safetensors");
        for (std::size_t i = 0; i < expected.config.unet.levels.size(); ++i)
            EXPECT_EQ(network.config.unet.levels[i], expected.config.unet.levels[i]) << i;
        EXPECT_EQ(network.config.unet.added_conditions, 56);
        EXPECT_EQ(network.config.unet.addition_time_embed_dim, 8);
        EXPECT_EQ(network.weights.names(), expected.weights.names());
    }
}

TEST(ControlNets, OfSeveralKindsAndControlLorasAreRefusedByName) {
    const SafetensorsFile file(weights);
    const testing::TemporaryFolder files;
    const auto refusal_with = [&](const char* mark) {
        std::vector<TensorView> tensors;
        for (const auto& [name, tensor] : file.tensors()) tensors.push_back(tensor);
        tensors.push_back(tensors.front());
        tensors.back().name = mark;
        write_safetensors(files / "net.safetensors", tensors);
        return testing::sentence_of([&] { opened(files / "net.safetensors"); });
    };
    testing::expect_says(refusal_with("task_embedding"), {"net.safetensors: is a ControlNet of several kinds (union)"});
    testing::expect_says(refusal_with("lora_controlnet"), {"net.safetensors: is a Control-LoRA"});
}

TEST(ControlNets, ThatPoolAreKnownByTheirConfigOrTheFilesName) {
    nlohmann::json pooling = config();
    pooling["global_pool_conditions"] = true;
    const testing::TemporaryFolder files;
    testing::write_file(files / "folder/config.json", pooling.dump());
    std::filesystem::copy_file(weights, files / "folder/diffusion_pytorch_model.safetensors");
    EXPECT_TRUE(opened(files / "folder").config.global_pool_conditions);
    std::filesystem::copy_file(weights, files / "control_v11e_sd15_shuffle.safetensors");
    EXPECT_TRUE(opened(files / "control_v11e_sd15_shuffle.safetensors").config.global_pool_conditions);
}

TEST(ControlNets, OfOtherKindsAreRefusedByName) {
    nlohmann::json other = config();
    other["addition_embed_type"] = "text_time";
    testing::expect_says(sentence_with(other), {"config.json", "\"projection_class_embeddings_input_dim\" is missing"});
    other["addition_embed_type"] = "text_image";
    testing::expect_says(sentence_with(other), {"\"addition_embed_type\" is", "text_image", "\"text_time\""});
    other = config();
    other["controlnet_conditioning_channel_order"] = "hsv";
    testing::expect_says(sentence_with(other), {"controlnet_conditioning_channel_order", "hsv", "rgb and bgr"});
    other = config();
    other["_class_name"] = "ControlNetUnionModel";
    testing::expect_says(sentence_with(other), {"ControlNetUnionModel"});
    other = config();
    other["conditioning_embedding_out_channels"] = nlohmann::json::array();
    testing::expect_says(sentence_with(other), {"conditioning_embedding_out_channels"});
}

TEST(ControlNets, ThatAreNoneAreRefused) {
    testing::expect_says(testing::sentence_of([] { opened("golden/tiny/single/tiny.safetensors"); }),
                         {"tiny.safetensors", "where a ControlNet is expected"});
    testing::expect_says(testing::sentence_of([] { opened("golden/adapters/loras/kohya.safetensors"); }),
                         {"is a LoRA", "where a ControlNet is expected"});
    testing::expect_says(testing::sentence_of([] { opened("golden/tiny/diffusers/unet"); }),
                         {"UNet2DConditionModel", "ControlNetModel is expected"});
    testing::expect_says(testing::sentence_of([] { opened("nowhere"); }), {"nowhere"});
}

TEST(ControlNets, WithoutTensorsThatTellTheirStructureAreRefused) {
    const SafetensorsFile file(weights);
    const testing::TemporaryFolder files;
    for (const char* missing : {"conv_in.weight", "mid_block.attentions.0.proj_in.weight",
                                "down_blocks.0.resnets.0.conv1.weight", "controlnet_cond_embedding.conv_in.weight"}) {
        std::vector<TensorView> tensors;
        for (const auto& [name, tensor] : file.tensors())
            if (name != missing) tensors.push_back(tensor);
        write_safetensors(files / "less.safetensors", tensors);
        testing::expect_says(testing::sentence_of([&] { opened(files / "less.safetensors"); }), {"less.safetensors"});
    }
}

}  // namespace
}  // namespace easel
