#include "weights/configs.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/files.h"
#include "weights/checkpoint_writer.h"
#include "weights/published_configs.h"

namespace easel {
namespace {

using nlohmann::json;
using testing::expect_says;
using testing::sentence_of;

/// The sentence that refuses `config` when `key` has `value`.
template <typename Parse>
std::string refusal_of_value(Parse parse, const json& config, const char* key, const json& value) {
    json changed = config;
    changed[key] = value;
    std::vector<std::string> notes;
    return sentence_of([&] { parse(changed, "part/config.json", notes); });
}

template <typename Parse>
auto read(Parse parse, const json& config) {
    std::vector<std::string> notes;
    return parse(config, "x", notes);
}

const json small_unet = {{"block_out_channels", {32, 64}},
                         {"down_block_types", {"CrossAttnDownBlock2D", "DownBlock2D"}},
                         {"up_block_types", {"UpBlock2D", "CrossAttnUpBlock2D"}}};
const json small_vae = {{"block_out_channels", {32, 64}},
                        {"down_block_types", {"DownEncoderBlock2D", "DownEncoderBlock2D"}},
                        {"up_block_types", {"UpDecoderBlock2D", "UpDecoderBlock2D"}}};

TEST(TextEncoderConfigs, AreReadWithTheClassesDefaults) {
    const TextEncoderConfig config =
        read(parse_text_encoder_config, {{"hidden_size", 768}, {"num_attention_heads", 12}, {"hidden_act", "gelu"}});
    EXPECT_EQ(config.hidden_size, 768);
    EXPECT_EQ(config.num_attention_heads, 12);
    EXPECT_EQ(config.hidden_act, "gelu");
    EXPECT_EQ(config.vocab_size, 49408);
    EXPECT_EQ(config.num_hidden_layers, 12);
    EXPECT_EQ(config.max_position_embeddings, 77);
}

TEST(TextEncoderConfigs, OutOfRangeAreRefusedByKey) {
    const auto refused = [](const char* key, const json& value) {
        const std::string sentence = refusal_of_value(parse_text_encoder_config, json::object(), key, value);
        expect_says(sentence, {"part/config.json", key, value.dump()});
    };
    for (const char* key : {"vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers",
                            "num_attention_heads", "max_position_embeddings"})
        for (const json& value : {json(0), json(-1), json(1'000'000'000), json(18446744073709551615u), json(1.5),
                                  json("32"), json(true), json(json::array({1}))})
            refused(key, value);
    refused("layer_norm_eps", -1);
    refused("layer_norm_eps", "small");
    refused("hidden_act", "relu");
    refused("hidden_act", 3);
    expect_says(refusal_of_value(parse_text_encoder_config, json::object(), "num_attention_heads", 7),
                {"512", "7 attention heads"});
}

TEST(Configs, ThatAreNoObjectAreRefused) {
    for (const json& config : {json(), json(3), json("text"), json::array()}) {
        expect_says(sentence_of([&] { read(parse_text_encoder_config, config); }), {"x:", "object"});
        expect_says(sentence_of([&] { read(parse_unet_config, config); }), {"x:", "object"});
        expect_says(sentence_of([&] { read(parse_vae_config, config); }), {"x:", "object"});
    }
}

TEST(UNetConfigs, AreReadWithTheClassesDefaults) {
    const UNetConfig config = read(parse_unet_config, json::object());
    EXPECT_EQ(of_levels(config, &UNetLevel::width), (std::vector<int>{320, 640, 1280, 1280}));
    EXPECT_EQ(of_levels(config, &UNetLevel::layers), (std::vector<int>{2, 2, 2, 2}));
    EXPECT_EQ(of_levels(config, &UNetLevel::cross_attention_down), (std::vector<bool>{true, true, true, false}));
    EXPECT_EQ(of_levels(config, &UNetLevel::cross_attention_up), (std::vector<bool>{true, true, true, false}));
    EXPECT_EQ(of_levels(config, &UNetLevel::heads), (std::vector<int>{8, 8, 8, 8}));
    EXPECT_EQ(config.cross_attention_dim, 1280);
    EXPECT_EQ(config.mid_block, MidBlock::cross_attention);
}

TEST(UNetConfigs, TakeHeadsFromAttentionHeadDimUnlessNumAttentionHeadsIsGiven) {
    json config = small_unet;
    config["attention_head_dim"] = 4;
    EXPECT_EQ(of_levels(read(parse_unet_config, config), &UNetLevel::heads), (std::vector<int>{4, 4}));
    config["attention_head_dim"] = {2, 16};
    EXPECT_EQ(of_levels(read(parse_unet_config, config), &UNetLevel::heads), (std::vector<int>{2, 16}));
    config["num_attention_heads"] = 1;
    EXPECT_EQ(of_levels(read(parse_unet_config, config), &UNetLevel::heads), (std::vector<int>{1, 1}));
    config["num_attention_heads"] = nullptr;
    EXPECT_EQ(of_levels(read(parse_unet_config, config), &UNetLevel::heads), (std::vector<int>{2, 16}));
}

TEST(UNetConfigs, TakeListsForLevels) {
    json config = small_unet;
    config["layers_per_block"] = {1, 3};
    config["transformer_layers_per_block"] = {2, 1};
    config["mid_block_type"] = "UNetMidBlock2D";
    config["sample_size"] = {48, 48};
    const UNetConfig parsed = read(parse_unet_config, config);
    EXPECT_EQ(of_levels(parsed, &UNetLevel::layers), (std::vector<int>{1, 3}));
    EXPECT_EQ(of_levels(parsed, &UNetLevel::transformer_layers), (std::vector<int>{2, 1}));
    EXPECT_EQ(parsed.mid_block, MidBlock::plain);
    EXPECT_EQ(parsed.sample_size, 48);
    config["mid_block_type"] = nullptr;
    EXPECT_EQ(read(parse_unet_config, config).mid_block, MidBlock::none);
}

TEST(UNetConfigs, MayHaveTransformersOfDifferentDepthsInALevel) {
    json config = small_unet;
    config["layers_per_block"] = 2;
    config["transformer_layers_per_block"] = {1, json::array({2, 4})};
    config["reverse_transformer_layers_per_block"] = {json::array({4, 4, 5}), 3};
    const UNetConfig parsed = read(parse_unet_config, config);
    EXPECT_EQ(parsed.levels[0].transformer_layers_up, (std::vector<int>{3, 3, 3}));
    EXPECT_EQ(parsed.levels[0].down_transformer_layers(1), 1);
    EXPECT_EQ(parsed.levels[1].down_transformer_layers(1), 4);
    EXPECT_EQ(parsed.levels[1].up_transformer_layers(2), 5);
    EXPECT_EQ(read(parse_unet_config, json::parse(config_text(parsed))).levels, parsed.levels);
    // Lists of the same number are that number.
    config["transformer_layers_per_block"] = {1, json::array({2, 2})};
    config["reverse_transformer_layers_per_block"] = {json::array({2, 2, 2}), 1};
    json plain = small_unet;
    plain["layers_per_block"] = 2;
    plain["transformer_layers_per_block"] = {1, 2};
    EXPECT_EQ(read(parse_unet_config, config).levels, read(parse_unet_config, plain).levels);
}

TEST(UNetConfigs, OfDifferentDepthsThatDoNotFitAreRefusedByKey) {
    json config = small_unet;
    config["layers_per_block"] = 2;
    const auto sentence = [&](const json& down, const json& up) {
        config["transformer_layers_per_block"] = down;
        config["reverse_transformer_layers_per_block"] = up;
        return testing::sentence_of([&] { read(parse_unet_config, config); });
    };
    const json two = json::array({1, 2});
    expect_says(sentence({1, two}, nullptr), {"transformer_layers_per_block", "reverse_", "is missing"});
    expect_says(sentence({1, json::array({1, 2, 3})}, 1), {"transformer_layers_per_block", "3 entries", "2 layers"});
    expect_says(sentence(1, {two, 1}), {"reverse_transformer_layers_per_block", "2 entries", "3 layers"});
    expect_says(sentence(1, {1, 1, 1}), {"reverse_transformer_layers_per_block", "3 entries"});
    expect_says(sentence(1, {json::array({1, 1, 1000}), 1}), {"reverse_transformer_layers_per_block"});
    expect_says(sentence({json::array({1, json::array()}), 1}, 1), {"transformer_layers_per_block"});
    expect_says(sentence("deep", 1), {"transformer_layers_per_block"});
}

TEST(UNetConfigs, ListTheWayUpFromTheDeepestLevel) {
    json config = small_unet;
    config["down_block_types"] = {"DownBlock2D", "DownBlock2D"};
    config["up_block_types"] = {"CrossAttnUpBlock2D", "UpBlock2D"};
    EXPECT_EQ(of_levels(read(parse_unet_config, config), &UNetLevel::cross_attention_up),
              (std::vector<bool>{false, true}));
}

TEST(UNetConfigs, OutOfRangeAreRefusedByKey) {
    const auto refused = [](const char* key, const json& value) {
        expect_says(refusal_of_value(parse_unet_config, small_unet, key, value), {"part/config.json", key});
    };
    for (const char* key :
         {"sample_size", "in_channels", "out_channels", "layers_per_block", "attention_head_dim", "num_attention_heads",
          "cross_attention_dim", "norm_num_groups", "transformer_layers_per_block"})
        for (const json& value : {json(0), json(-1), json(1'000'000'000), json(2.5), json("8"), json(json::object())})
            refused(key, value);
    for (const json& value : {json(0), json(json::array()), json({0, 64}), json({32, -64}), json({32, 1'000'000'000}),
                              json({32, 64, 128}), json({"32", "64"}), json(std::vector<int>(100'000, 32))})
        refused("block_out_channels", value);
    refused("norm_num_groups", nullptr);
    refused("norm_num_groups", 24);
    refused("norm_eps", "x");
    refused("flip_sin_to_cos", 1);
    refused("use_linear_projection", "yes");
    refused("cross_attention_dim", {32, 64});
    refused("layers_per_block", {1, 2, 3});
    refused("down_block_types", {"DownBlock2D", "AttnDownBlock2D"});
    refused("down_block_types", {"DownBlock2D"});
    refused("up_block_types", {"UpBlock2D", 3});
    refused("mid_block_type", "UNetMidBlock2DSimpleCrossAttn");
    expect_says(refusal_of_value(parse_unet_config, small_unet, "attention_head_dim", 5),
                {"32 channels", "5 attention heads"});
    expect_says(refusal_of_value(parse_unet_config, small_unet, "_class_name", "UNet3DConditionModel"),
                {"UNet3DConditionModel"});
}

TEST(UNetConfigs, FeaturesThatChangeTheNetworkAreRefusedByNameAndTheirNeutralValuesTaken) {
    const std::tuple<const char*, json, json> features[] = {
        {"act_fn", "gelu", "silu"},
        {"addition_embed_type", "image", nullptr},
        {"attention_type", "gated", "default"},
        {"center_input_sample", true, false},
        {"class_embed_type", "timestep", nullptr},
        {"class_embeddings_concat", true, false},
        {"conv_in_kernel", 1, 3},
        {"conv_out_kernel", 1, 3},
        {"cross_attention_norm", "layer_norm", nullptr},
        {"downsample_padding", 0, 1},
        {"dual_cross_attention", true, false},
        {"encoder_hid_dim", 1024, nullptr},
        {"encoder_hid_dim_type", "text_proj", nullptr},
        {"mid_block_only_cross_attention", true, false},
        {"mid_block_scale_factor", 2, 1},
        {"num_class_embeds", 1000, nullptr},
        {"only_cross_attention", true, false},
        {"resnet_out_scale_factor", 1.5, 1.0},
        {"resnet_skip_time_act", true, false},
        {"resnet_time_scale_shift", "scale_shift", "default"},
        {"time_embedding_act_fn", "silu", nullptr},
        {"time_embedding_dim", 512, nullptr},
        {"time_embedding_type", "fourier", "positional"},
        {"timestep_post_act", "silu", nullptr},
    };
    for (const auto& [key, refused, neutral] : features) {
        expect_says(refusal_of_value(parse_unet_config, small_unet, key, refused),
                    {"part/config.json", key, refused.dump(), "not supported"});
        json config = small_unet;
        config[key] = neutral;
        EXPECT_NO_THROW(read(parse_unet_config, config)) << key;
    }
}

/// The notes on a config, with one more key.
template <typename Parse>
std::vector<std::string> notes_on(Parse parse, std::string_view config, const char* key, const json& value) {
    json changed = json::parse(config);
    changed[key] = value;
    std::vector<std::string> notes;
    parse(changed, "part/config.json", notes);
    return notes;
}

TEST(Configs, AsPublishedAskForNothingUnknown) {
    const auto expect_no_notes = [](auto parse, std::string_view config) {
        for (const json& value : {json(nullptr), json(false)})
            EXPECT_EQ(notes_on(parse, config, "new_feature", value), std::vector<std::string>());
        EXPECT_EQ(notes_on(parse, config, "_new_feature", 3), std::vector<std::string>());
    };
    expect_no_notes(parse_text_encoder_config, testing::text_encoder_config_of_1_5);
    expect_no_notes(parse_unet_config, testing::unet_config_of_1_5);
    expect_no_notes(parse_vae_config, testing::vae_config_of_1_5);
}

TEST(Configs, UnknownKeysThatAskForSomethingAreNoted) {
    const std::vector<std::string> noted = {
        "part/config.json: these settings are unknown to easel and ignored: \"new_feature\""};
    for (const json& value : {json(3), json("on"), json(true), json::array({1})}) {
        EXPECT_EQ(notes_on(parse_text_encoder_config, testing::text_encoder_config_of_1_5, "new_feature", value),
                  noted);
        EXPECT_EQ(notes_on(parse_unet_config, testing::unet_config_of_1_5, "new_feature", value), noted);
        EXPECT_EQ(notes_on(parse_vae_config, testing::vae_config_of_1_5, "new_feature", value), noted);
    }
}

TEST(VaeConfigs, AreRead) {
    json raw = small_vae;
    raw["latent_channels"] = 16;
    raw["shift_factor"] = 0.1;
    raw["use_quant_conv"] = false;
    const VaeConfig config = read(parse_vae_config, raw);
    EXPECT_EQ(config.latent_channels, 16);
    EXPECT_EQ(config.scaling_factor, 0.18215);
    EXPECT_EQ(config.shift_factor, 0.1);
    EXPECT_FALSE(config.use_quant_conv);
    EXPECT_TRUE(config.use_post_quant_conv);
    EXPECT_EQ(config.downsampling(), 2);
}

TEST(VaeConfigs, OutOfRangeAndOtherFeaturesAreRefusedByKey) {
    const auto refused = [](const char* key, const json& value) {
        expect_says(refusal_of_value(parse_vae_config, small_vae, key, value), {"part/config.json", key});
    };
    for (const char* key :
         {"in_channels", "out_channels", "latent_channels", "layers_per_block", "norm_num_groups", "sample_size"})
        for (const json& value : {json(0), json(-1), json(1'000'000'000), json(2.5), json("8")}) refused(key, value);
    refused("scaling_factor", 0);
    refused("scaling_factor", "big");
    refused("block_out_channels", {32, 0});
    refused("norm_num_groups", 24);
    refused("down_block_types", {"DownEncoderBlock2D", "AttnDownEncoderBlock2D"});
    refused("act_fn", "relu");
    refused("latents_mean", {0.0, 0.0});
    expect_says(refusal_of_value(parse_vae_config, small_vae, "_class_name", "AutoencoderTiny"), {"AutoencoderTiny"});
}

}  // namespace
}  // namespace easel
