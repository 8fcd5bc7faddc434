#include <cmath>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "weights/checkpoint.h"
#include "weights/crafted.h"
#include "weights/names.h"

namespace easel {
namespace {

using nlohmann::json;
using testing::EditableTensors;
using testing::expect_says;
using testing::read_file;
using testing::sentence_of;
using testing::TemporaryFolder;

const std::filesystem::path tiny_file = "golden/tiny/single/tiny.safetensors";

/// A half as the float that it is.
float widened(std::uint16_t half) {
    const int exponent = (half >> 10) & 31;
    const int mantissa = half & 1023;
    const float size = exponent == 0 ? std::ldexp(static_cast<float>(mantissa), -24)
                                     : std::ldexp(static_cast<float>(mantissa + 1024), exponent - 25);
    return half & 0x8000 ? -size : size;
}

std::vector<float> values(const Weight& weight) {
    std::vector<float> result;
    for (std::size_t i = 0; i < weight.bytes.size(); i += weight.dtype == DType::F16 ? 2 : 4) {
        if (weight.dtype == DType::F16) {
            std::uint16_t half;
            std::memcpy(&half, weight.bytes.data() + i, 2);
            result.push_back(widened(half));
        } else {
            float value;
            std::memcpy(&value, weight.bytes.data() + i, 4);
            result.push_back(value);
        }
    }
    return result;
}

void expect_same_values(const Weights& a, const Weights& b) {
    ASSERT_EQ(a.names(), b.names());
    for (const std::string& name : a.names()) {
        EXPECT_EQ(a.at(name).shape, b.at(name).shape) << name;
        EXPECT_EQ(values(a.at(name)), values(b.at(name))) << name;
    }
}

class SingleFile : public ::testing::Test {
  protected:
    Checkpoint written() const {
        tensors_.write(path_);
        return Checkpoint::open(path_);
    }
    std::string refusal() const {
        return sentence_of([&] { written(); });
    }

    TemporaryFolder folder_;
    const std::filesystem::path path_ = folder_ / "model.safetensors";
    EditableTensors tensors_ = EditableTensors(tiny_file);
};

TEST_F(SingleFile, HoldsTheSameModelAsItsFolder) {
    const Checkpoint single = Checkpoint::open(tiny_file), folder = Checkpoint::open("golden/tiny/diffusers");
    expect_same_values(single.text_encoder.weights, folder.text_encoder.weights);
    expect_same_values(single.unet.weights, folder.unet.weights);
    expect_same_values(single.vae.weights, folder.vae.weights);
}

TEST_F(SingleFile, TellsItsConfigsByShapesAndFamily) {
    const Checkpoint single = Checkpoint::open(tiny_file), folder = Checkpoint::open("golden/tiny/diffusers");
    EXPECT_EQ(single.layout, Checkpoint::Layout::single_file);
    EXPECT_EQ(single.name, "tiny");

    const TextEncoderConfig &text = single.text_encoder.config, &text_of_folder = folder.text_encoder.config;
    EXPECT_EQ(text.vocab_size, text_of_folder.vocab_size);
    EXPECT_EQ(text.hidden_size, text_of_folder.hidden_size);
    EXPECT_EQ(text.intermediate_size, text_of_folder.intermediate_size);
    EXPECT_EQ(text.num_hidden_layers, text_of_folder.num_hidden_layers);
    EXPECT_EQ(text.num_attention_heads, text_of_folder.num_attention_heads);
    EXPECT_EQ(text.max_position_embeddings, text_of_folder.max_position_embeddings);
    EXPECT_EQ(text.hidden_act, text_of_folder.hidden_act);
    EXPECT_EQ(text.layer_norm_eps, text_of_folder.layer_norm_eps);

    const UNetConfig &unet = single.unet.config, &unet_of_folder = folder.unet.config;
    EXPECT_EQ(unet.sample_size, 64);
    EXPECT_EQ(unet.in_channels, unet_of_folder.in_channels);
    EXPECT_EQ(unet.out_channels, unet_of_folder.out_channels);
    EXPECT_EQ(unet.levels, unet_of_folder.levels);
    EXPECT_EQ(unet.mid_block, unet_of_folder.mid_block);
    EXPECT_EQ(unet.cross_attention_dim, unet_of_folder.cross_attention_dim);
    EXPECT_EQ(unet.use_linear_projection, unet_of_folder.use_linear_projection);
    EXPECT_EQ(unet.norm_num_groups, unet_of_folder.norm_num_groups);
    EXPECT_EQ(unet.norm_eps, unet_of_folder.norm_eps);
    EXPECT_EQ(unet.flip_sin_to_cos, unet_of_folder.flip_sin_to_cos);
    EXPECT_EQ(unet.freq_shift, unet_of_folder.freq_shift);

    const VaeConfig &vae = single.vae.config, &vae_of_folder = folder.vae.config;
    EXPECT_EQ(vae.latent_channels, vae_of_folder.latent_channels);
    EXPECT_EQ(vae.block_out_channels, vae_of_folder.block_out_channels);
    EXPECT_EQ(vae.layers_per_block, vae_of_folder.layers_per_block);
    EXPECT_EQ(vae.norm_num_groups, vae_of_folder.norm_num_groups);
    EXPECT_EQ(vae.scaling_factor, vae_of_folder.scaling_factor);
    EXPECT_EQ(vae.use_quant_conv, vae_of_folder.use_quant_conv);
    EXPECT_EQ(vae.use_post_quant_conv, vae_of_folder.use_post_quant_conv);
    EXPECT_EQ(vae.mid_block_add_attention, vae_of_folder.mid_block_add_attention);
}

TEST_F(SingleFile, LeavesAveragedWeightsAloneAndSaysSo) {
    const Checkpoint checkpoint = Checkpoint::open(tiny_file);
    ASSERT_EQ(checkpoint.notes.size(), 1u);
    expect_says(checkpoint.notes[0], {"EMA", "plain"});
    tensors_.remove_beginning("model_ema.");
    EXPECT_TRUE(written().notes.empty());
}

TEST_F(SingleFile, MayLackTheTextEncodersPrefix) {
    const std::string prefix = "cond_stage_model.transformer.";
    tensors_.rename_all([&](const std::string& name) {
        return name.starts_with(prefix + "text_model.") ? prefix + name.substr((prefix + "text_model.").size()) : name;
    });
    const Checkpoint checkpoint = written();
    expect_same_values(checkpoint.text_encoder.weights, Checkpoint::open(tiny_file).text_encoder.weights);
    EXPECT_EQ(checkpoint.text_encoder.weights.name_in_file("text_model.final_layer_norm.bias"),
              "cond_stage_model.transformer.final_layer_norm.bias");
}

TEST_F(SingleFile, MayStoreTheVaesAttentionAsMatrices) {
    for (const char* side : {"encoder", "decoder"})
        for (const char* projection : {"q", "k", "v", "proj_out"})
            tensors_[fmt::format("first_stage_model.{}.mid.attn_1.{}.weight", side, projection)].shape = {16, 16};
    expect_same_values(written().vae.weights, Checkpoint::open(tiny_file).vae.weights);
}

TEST_F(SingleFile, MayHaveDiffusersNamesOfTheVaesAttention) {
    using Names = std::vector<std::pair<std::string, std::string>>;
    const Names older = {{".q.", ".query."}, {".k.", ".key."}, {".v.", ".value."}, {".proj_out.", ".proj_attn."}};
    const Names newer = {{".q.", ".to_q."}, {".k.", ".to_k."}, {".v.", ".to_v."}, {".proj_out.", ".to_out.0."}};
    for (const Names& names : {older, newer}) {
        tensors_ = EditableTensors(tiny_file);
        tensors_.rename_all([&](std::string name) {
            for (const auto& [original, other] : names)
                if (const auto at = name.find("attn_1" + original); at != std::string::npos)
                    name.replace(at + 6, original.size(), other);
            return name;
        });
        expect_same_values(written().vae.weights, Checkpoint::open(tiny_file).vae.weights);
    }
}

TEST_F(SingleFile, NamesATensorOfAnUnusableTypeByItsOwnNameAndTheCommonOne) {
    tensors_.add("model.diffusion_model.out.2.bias", {4}, DType::F8_E4M3);
    const Checkpoint checkpoint = written();
    expect_says(sentence_of([&] { checkpoint.unet.weights.at("conv_out.bias"); }),
                {"model.diffusion_model.out.2.bias", "conv_out.bias", "F8_E4M3", "F32, F16 or BF16"});
}

TEST_F(SingleFile, NamesAMissingTensorByItsOwnNameAndTheCommonOne) {
    tensors_.remove("model.diffusion_model.output_blocks.5.2.conv.weight");
    const Checkpoint checkpoint = written();
    expect_says(sentence_of([&] { checkpoint.unet.weights.at("up_blocks.1.upsamplers.0.conv.weight"); }),
                {"model.safetensors", "lacks", "model.diffusion_model.output_blocks.5.2.conv.weight",
                 "up_blocks.1.upsamplers.0.conv.weight"});
    EXPECT_EQ(checkpoint.text_encoder.weights.name_in_file("text_model.final_layer_norm.bias"),
              "cond_stage_model.transformer.text_model.final_layer_norm.bias");
    EXPECT_EQ(checkpoint.vae.weights.name_in_file("decoder.mid_block.attentions.0.to_q.bias"),
              "first_stage_model.decoder.mid.attn_1.q.bias");
}

TEST_F(SingleFile, WithoutATensorThatTellsItsStructureNamesIt) {
    const char* needed[] = {"model.diffusion_model.input_blocks.0.0.weight",
                            "model.diffusion_model.out.2.weight",
                            "model.diffusion_model.input_blocks.1.0.out_layers.3.weight",
                            "first_stage_model.encoder.conv_in.weight",
                            "first_stage_model.decoder.conv_in.weight",
                            "cond_stage_model.transformer.text_model.embeddings.position_embedding.weight"};
    for (const char* name : needed) {
        tensors_ = EditableTensors(tiny_file);
        tensors_.remove(name);
        const std::string_view whole = name;
        for (const std::string_view prefix :
             {"model.diffusion_model.", "first_stage_model.", "cond_stage_model.transformer."})
            if (whole.starts_with(prefix))
                expect_says(refusal(), {"model.safetensors", std::string(whole.substr(prefix.size()))});
    }
}

TEST_F(SingleFile, WithATensorOfTooFewDimensionsIsRefused) {
    tensors_.add("model.diffusion_model.input_blocks.0.0.weight", {4});
    expect_says(refusal(), {"input_blocks.0.0.weight", "1 dimensions"});
}

TEST_F(SingleFile, TakesTheConfigsInItsMetadata) {
    const auto config = [](const char* part) {
        return json::parse(read_file(std::filesystem::path("golden/tiny/diffusers") / part / "config.json"));
    };
    json configs = {{"text_encoder", config("text_encoder")}, {"unet", config("unet")}, {"vae", config("vae")}};
    configs["text_encoder"]["num_attention_heads"] = 2;
    configs["unet"]["attention_head_dim"] = 4;
    configs["vae"]["scaling_factor"] = 0.5;
    tensors_.metadata["easel.config"] = configs.dump();
    const Checkpoint checkpoint = written();
    EXPECT_EQ(checkpoint.text_encoder.config.num_attention_heads, 2);
    EXPECT_EQ(of_levels(checkpoint.unet.config, &UNetLevel::heads), (std::vector<int>{4, 4, 4}));
    EXPECT_EQ(checkpoint.unet.config.sample_size, 8);
    EXPECT_EQ(checkpoint.vae.config.scaling_factor, 0.5);

    configs.erase("vae");
    tensors_.metadata["easel.config"] = configs.dump();
    expect_says(refusal(), {"easel.config", "vae"});
    tensors_.metadata["easel.config"] = "{";
    expect_says(refusal(), {"easel.config", "not valid JSON"});
}

TEST_F(SingleFile, OfTheFamilysSizesHasTheFamilysHeadsAndGroups) {
    tensors_ = EditableTensors();
    const std::string text = "cond_stage_model.transformer.text_model.", unet = "model.diffusion_model.",
                      vae = "first_stage_model.";
    tensors_.add(text + "embeddings.token_embedding.weight", {100, 768});
    tensors_.add(text + "embeddings.position_embedding.weight", {77, 768});
    tensors_.add(text + "encoder.layers.0.mlp.fc1.weight", {3072, 768});
    tensors_.add(unet + "input_blocks.0.0.weight", {320, 4, 3, 3});
    tensors_.add(unet + "input_blocks.1.0.in_layers.2.weight", {320, 320, 3, 3});
    tensors_.add(unet + "input_blocks.1.0.out_layers.3.weight", {320, 320, 3, 3});
    tensors_.add(unet + "input_blocks.1.1.norm.weight", {320});
    tensors_.add(unet + "input_blocks.1.1.proj_in.weight", {320, 320});
    tensors_.add(unet + "input_blocks.1.1.transformer_blocks.0.norm1.weight", {320});
    tensors_.add(unet + "input_blocks.1.1.transformer_blocks.1.norm1.weight", {320});
    tensors_.add(unet + "input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight", {320, 768});
    tensors_.add(unet + "out.2.weight", {4, 320, 3, 3});
    tensors_.add(vae + "encoder.conv_in.weight", {128, 3, 3, 3});
    tensors_.add(vae + "encoder.down.0.block.0.conv1.weight", {128, 128, 3, 3});
    tensors_.add(vae + "decoder.conv_in.weight", {128, 4, 3, 3});
    tensors_.add(vae + "decoder.conv_out.weight", {3, 128, 3, 3});
    const Checkpoint checkpoint = written();
    EXPECT_EQ(checkpoint.text_encoder.config.num_attention_heads, 12);
    EXPECT_EQ(checkpoint.text_encoder.config.hidden_act, "quick_gelu");
    // Of 64 channels each, as its projections are linear.
    EXPECT_EQ(of_levels(checkpoint.unet.config, &UNetLevel::heads), (std::vector<int>{5}));
    EXPECT_EQ(checkpoint.unet.config.norm_num_groups, 32);
    EXPECT_EQ(of_levels(checkpoint.unet.config, &UNetLevel::transformer_layers), (std::vector<int>{2}));
    EXPECT_TRUE(checkpoint.unet.config.use_linear_projection);
    EXPECT_EQ(checkpoint.unet.config.mid_block, MidBlock::none);
    EXPECT_EQ(of_levels(checkpoint.unet.config, &UNetLevel::cross_attention_up), (std::vector<bool>{false}));
    EXPECT_EQ(checkpoint.vae.config.norm_num_groups, 32);
    EXPECT_FALSE(checkpoint.vae.config.use_quant_conv);
    EXPECT_FALSE(checkpoint.vae.config.mid_block_add_attention);
}

TEST(SingleFiles, TellHowDeepEachTransformerIs) {
    const std::filesystem::path folder = "golden/unets/unequal_transformers";
    const Network<UNetConfig> unet = open_unet(folder);
    const NameTable names = original_unet_names(unet.config);
    testing::EditableTensors tensors(folder / "diffusion_pytorch_model.safetensors");
    tensors.rename_all([&](const std::string& name) { return names.from_diffusers(name); });
    const testing::TemporaryFolder place;
    tensors.write(place / "unet.safetensors");
    const UNetConfig told = open_unet(place / "unet.safetensors").config;
    EXPECT_EQ(told.mid_block, unet.config.mid_block);
    EXPECT_EQ(told.levels.size(), 2u);
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(told.levels[i].transformer_layers_down, unet.config.levels[i].transformer_layers_down) << i;
        EXPECT_EQ(told.levels[i].transformer_layers_up, unet.config.levels[i].transformer_layers_up) << i;
    }
    EXPECT_EQ(told.levels[0].transformer_layers_up, (std::vector<int>{2, 1, 1}));
    EXPECT_EQ(told.levels[1].transformer_layers_up, (std::vector<int>{1, 1, 3}));
}

TEST_F(SingleFile, OfAnotherChannelCountIsNamedAsWhatItIs) {
    tensors_.add("model.diffusion_model.input_blocks.0.0.weight", {16, 9, 3, 3});
    expect_says(written().description(), {"an inpainting model"});
    tensors_.add("model.diffusion_model.input_blocks.0.0.weight", {16, 8, 3, 3});
    expect_says(written().description(), {"an InstructPix2Pix model"});
    tensors_.add("model.diffusion_model.input_blocks.0.0.weight", {16, 7, 3, 3});
    expect_says(refusal(), {"an upscaler", "7 channels"});
}

TEST_F(SingleFile, OfAnotherKindIsNamedAsWhatItIs) {
    const std::pair<const char*, const char*> kinds[] = {
        {"lora_unet_down_blocks_0_attentions_0_proj_in.lora_down.weight", "a LoRA"},
        {"unet.down_blocks.0.attentions.0.attn1.to_q.lora_A.weight", "a LoRA"},
        {"unet.down_blocks.0.attentions.0.processor.to_q_lora.down.weight", "a LoRA"},
        {"control_model.input_hint_block.0.weight", "a ControlNet"},
        {"controlnet_cond_embedding.conv_in.weight", "a ControlNet"},
        {"down_blocks.0.motion_modules.0.temporal_transformer.norm.weight", "a motion module"},
        {"emb_params", "a textual inversion embedding"},
        {"conditioner.embedders.0.transformer.text_model.final_layer_norm.weight", "a Stable Diffusion XL model"},
        {"cond_stage_model.model.ln_final.weight", "a Stable Diffusion 2.x model"},
        {"model.diffusion_model.joint_blocks.0.x_block.attn.qkv.weight", "a Stable Diffusion 3 model"},
        {"double_blocks.0.img_attn.qkv.weight", "a Flux model"},
        {"clip_l", "a textual inversion embedding"},
        {"model.diffusion_model.double_layers.0.attn.w1q.weight", "an AuraFlow model"},
        {"model.diffusion_model.input_blocks.1.1.time_stack.0.attn1.to_q.weight", "a Stable Video Diffusion model"},
        {"adaln_single.emb.timestep_embedder.linear_1.bias", "a PixArt or Sana model"},
        {"clip_txt_mapper.weight", "a Stable Cascade model"},
        {"mlp_t5.0.weight", "a HunyuanDiT model"},
        {"3.conv.0.weight", "a tiny VAE (TAESD)"},
        {"down_blocks.0.resnets.0.conv1.weight", "a UNet alone"},
        {"model.diffusion_model.input_blocks.0.0.weight", "a UNet alone"},
        {"encoder.down_blocks.0.resnets.0.conv1.weight", "a VAE alone"},
        {"first_stage_model.encoder.conv_in.weight", "a VAE alone"},
        {"text_model.final_layer_norm.weight", "a text encoder alone"},
        {"model.layers.0.mlp.gate_proj.weight", "not a Stable Diffusion checkpoint"},
    };
    for (const auto& [name, kind] : kinds) {
        tensors_ = EditableTensors();
        tensors_.add(name, {2, 2, 1, 1});
        expect_says(refusal(), {"model.safetensors", kind, "Stable Diffusion 1.x"});
    }
    tensors_ = EditableTensors();
    tensors_.add("<my-style>", {768});
    expect_says(refusal(), {"a textual inversion embedding"});
    tensors_ = EditableTensors();
    expect_says(refusal(), {"not a Stable Diffusion checkpoint"});
}

TEST_F(SingleFile, WithALoRABesideTheModelIsThatModelAndSaysSo) {
    tensors_.add("lora_te_text_model_encoder_layers_0_mlp_fc1.lora_down.weight", {4, 32});
    const Checkpoint checkpoint = written();
    ASSERT_EQ(checkpoint.notes.size(), 2u);
    expect_says(checkpoint.notes[1], {"LoRA", "not used"});
    expect_same_values(checkpoint.unet.weights, Checkpoint::open(tiny_file).unet.weights);
    // As much of a ControlNet as files have that hold one beside their model.
    for (int i = 0; i < 300; ++i) tensors_.add(fmt::format("control_model.input_blocks.{}.weight", i), {2});
    expect_says(refusal(), {"a ControlNet"});
}

TEST_F(SingleFile, IsNotDecidedByAStrayTensor) {
    const std::vector<std::string> before = Checkpoint::open(tiny_file).notes;
    for (const char* stray : {"emb_params",
                              "string_to_param.*",
                              "clip_l",
                              "clip_l.transformer.text_model.final_layer_norm.weight",
                              "clip_g",
                              "ip_adapter.1.to_k_ip.weight",
                              "image_proj.proj.weight",
                              "conditioner.embedders.0.transformer.text_model.final_layer_norm.weight",
                              "conditioner.embedders.1.model.ln_final.weight",
                              "conditioner.embedders.0.model.ln_final.weight",
                              "cond_stage_model.model.ln_final.weight",
                              "control_model.input_hint_block.0.weight",
                              "controlnet_x.weight",
                              "text_encoders.clip_g.transformer.x",
                              "text_encoders.clip_l.transformer.x",
                              "vae.decoder.conv_in.weight",
                              "model.diffusion_model.joint_blocks.0.x_block.attn.qkv.weight",
                              "double_blocks.0.img_attn.qkv.weight",
                              "motion_modules.0.weight",
                              "down_blocks.0.resnets.0.conv1.weight",
                              "1.weight"}) {
        tensors_ = EditableTensors(tiny_file);
        tensors_.add(stray, {2, 2});
        const Checkpoint checkpoint = written();
        EXPECT_EQ(checkpoint.family, Family::stable_diffusion_1) << stray;
        expect_same_values(checkpoint.vae.weights, Checkpoint::open(tiny_file).vae.weights);
        expect_same_values(checkpoint.text_encoder.weights, Checkpoint::open(tiny_file).text_encoder.weights);
    }
    tensors_ = EditableTensors(tiny_file);
    tensors_.add("emb_params", {1, 32});
    const std::vector<std::string> notes = written().notes;
    ASSERT_EQ(notes.size(), before.size() + 1);
    expect_says(notes.back(), {"1 tensor of a textual inversion embedding", "emb_params", "not used"});
}

TEST_F(SingleFile, InForgesNamesIsTheSameModel) {
    tensors_.rename_all([](const std::string& name) {
        for (const auto& [usual, forge] :
             {std::pair<std::string, std::string>("cond_stage_model.transformer.", "text_encoders.clip_l.transformer."),
              {"first_stage_model.", "vae."}})
            if (name.starts_with(usual)) return forge + name.substr(usual.size());
        return name;
    });
    const Checkpoint forge = written(), usual = Checkpoint::open(tiny_file);
    expect_same_values(forge.text_encoder.weights, usual.text_encoder.weights);
    expect_same_values(forge.unet.weights, usual.unet.weights);
    expect_same_values(forge.vae.weights, usual.vae.weights);
    EXPECT_EQ(forge.vae.weights.name_in_file("decoder.conv_in.weight"), "vae.decoder.conv_in.weight");
    EXPECT_EQ(forge.notes,
              (std::vector<std::string>{path_.string() + usual.notes.front().substr(tiny_file.string().size())}));
}

TEST_F(SingleFile, OfAnotherFamilyIsNamedByMostOfItsTextEncoder) {
    const auto replace_text = [&](const std::vector<std::string>& prefixes) {
        tensors_ = EditableTensors(tiny_file);
        tensors_.remove_beginning("cond_stage_model.");
        for (const std::string& prefix : prefixes)
            for (int i = 0; i < 40; ++i) tensors_.add(fmt::format("{}{}.weight", prefix, i), {2});
    };
    const auto family_with_text = [&](const std::vector<std::string>& prefixes) {
        replace_text(prefixes);
        tensors_.write(path_);
        return family_of_single_file(path_);
    };
    EXPECT_EQ(family_with_text({"cond_stage_model.model.transformer.resblocks."}), Family::stable_diffusion_2);
    EXPECT_EQ(family_with_text({"conditioner.embedders.0.transformer.", "conditioner.embedders.1.model."}),
              Family::stable_diffusion_xl);
    EXPECT_EQ(family_with_text({"text_encoders.clip_l.transformer.", "text_encoders.clip_g.transformer."}),
              Family::stable_diffusion_xl);
    // Merges under the names of Stable Diffusion XL, whose UNet has no vector of conditions.
    EXPECT_EQ(family_with_text({"conditioner.embedders.0.model."}), Family::stable_diffusion_2);
    tensors_.add("model.diffusion_model.label_emb.0.0.weight", {64, 40});
    tensors_.write(path_);
    EXPECT_EQ(family_of_single_file(path_), Family::stable_diffusion_xl_refiner);
}

TEST_F(SingleFile, TrainedForOtherNoiseLevelsIsNamed) {
    for (const auto& [marker, name] :
         {std::pair("edm_mean", "a Playground 2.5 model"), {"edm_vpred.sigma_max", "a CosXL model"}}) {
        tensors_ = EditableTensors(tiny_file);
        tensors_.add(marker, {1});
        expect_says(refusal(), {name, "not supported"});
    }
}

TEST_F(SingleFile, WithAUNetAloneNamesItsFamily) {
    for (const char* other : {"cond_stage_model.", "first_stage_model."}) tensors_.remove_beginning(other);
    expect_says(refusal(), {"a UNet alone (Stable Diffusion 1.x)"});
    tensors_.add("model.diffusion_model.label_emb.0.0.weight", {64, 40});
    expect_says(refusal(), {"a UNet alone (Stable Diffusion XL)"});
}

TEST_F(SingleFile, SaysByItsMarkersMetadataOrSidecarThatItPredictsTheVelocity) {
    const auto scheduler = [&] {
        const auto config = written().scheduler_config;
        return config ? json::parse(*config) : json();
    };
    EXPECT_TRUE(scheduler().is_null());
    tensors_.add("v_pred", {0});
    EXPECT_EQ(scheduler()["prediction_type"], "v_prediction");
    EXPECT_FALSE(scheduler().contains("rescale_betas_zero_snr"));
    EXPECT_FALSE(scheduler().contains("_class_name"));
    expect_says(written().description(), {"v-prediction"});
    tensors_.add("ztsnr", {0});
    EXPECT_EQ(scheduler()["rescale_betas_zero_snr"], true);
    EXPECT_EQ(scheduler()["timestep_spacing"], "trailing");
    expect_says(written().description(), {"v-prediction", "zero terminal SNR"});

    for (const char* key : {"modelspec.prediction_type", "modelspec.predict_key"})
        for (const auto& [name, v] : {std::pair("v", true), {"v_prediction", true}, {"epsilon", false}}) {
            tensors_ = EditableTensors(tiny_file);
            tensors_.metadata[key] = name;
            EXPECT_EQ(!scheduler().is_null(), v) << key << name;
        }
    tensors_.metadata["modelspec.prediction_type"] = "x0";
    expect_says(written().notes.front(), {"modelspec.prediction_type", "\"x0\"", "noise is assumed"});

    tensors_ = EditableTensors(tiny_file);
    for (const auto& [yaml, v] : {std::pair("model:\n  params:\n    parameterization: \"v\"\n", true),
                                  {"parameterization: v # x", true},
                                  {"  parameterization: 'v'\r\n", true},
                                  {"parameterization: eps", false},
                                  {"# parameterization: v", false},
                                  {"model:\n  target: x", false}}) {
        testing::write_file(folder_ / "model.yaml", yaml);
        EXPECT_EQ(!scheduler().is_null(), v) << yaml;
    }
    // What a person put beside the file comes first.
    tensors_.add("v_pred", {0});
    testing::write_file(folder_ / "model.yaml", "parameterization: eps");
    EXPECT_TRUE(scheduler().is_null());
    testing::write_file(folder_ / "model.yaml", "<!DOCTYPE html>");
    expect_says(refusal(), {"model.yaml", "web page"});
}

TEST_F(SingleFile, OfOneNetworkIsOpenedByItself) {
    const Checkpoint whole = Checkpoint::open(tiny_file), of_folder = Checkpoint::open("golden/tiny/diffusers");
    EXPECT_EQ(open_unet(tiny_file).config.levels, whole.unet.config.levels);
    expect_same_values(open_vae(tiny_file).weights, whole.vae.weights);
    expect_same_values(open_vae("golden/tiny/diffusers").weights, of_folder.vae.weights);
    expect_same_values(open_unet("golden/tiny/diffusers/unet").weights, of_folder.unet.weights);
    expect_same_values(open_text_encoder("golden/tiny/diffusers").weights, of_folder.text_encoder.weights);

    const auto only = [&](const std::string& prefix, const std::string& new_prefix) {
        tensors_ = EditableTensors(tiny_file);
        tensors_.rename_all([&](const std::string& name) {
            return name.starts_with(prefix) ? new_prefix + name.substr(prefix.size()) : std::string();
        });
        tensors_.metadata.clear();
        tensors_.write(path_);
    };
    for (const char* prefix : {"", "first_stage_model.", "vae."}) {
        only("first_stage_model.", prefix);
        const Network<VaeConfig> vae = open_vae(path_);
        expect_same_values(vae.weights, whole.vae.weights);
        EXPECT_EQ(vae.weights.where(), path_.string());
        EXPECT_EQ(vae.weights.files().size(), 1u);
    }
    for (const char* prefix : {"", "model.diffusion_model."}) {
        only("model.diffusion_model.", prefix);
        expect_same_values(open_unet(path_).weights, whole.unet.weights);
    }
    only("cond_stage_model.transformer.", "");
    expect_same_values(open_text_encoder(path_).weights, whole.text_encoder.weights);
    expect_says(sentence_of([&] { open_vae(path_); }),
                {"model.safetensors", "a text encoder alone", "VAE is expected"});

    const Network<VaeConfig> bare = open_vae("golden/tiny/diffusers/vae/diffusion_pytorch_model.safetensors");
    expect_same_values(bare.weights, of_folder.vae.weights);
    EXPECT_EQ(bare.config.layers_per_block, of_folder.vae.config.layers_per_block);
    EXPECT_TRUE(bare.config.mid_block_add_attention);
    expect_says(sentence_of([&] { open_unet("golden/tiny/diffusers/unet/diffusion_pytorch_model.safetensors"); }),
                {"diffusers' names", "config.json"});
}

TEST_F(SingleFile, WithAConfigInItsMetadataThatIsTooLongIsRefused) {
    for (const char* key : {"easel.config", "easel.scheduler_config"}) {
        tensors_.metadata = {{key, std::string((1 << 20) + 1, ' ')}};
        expect_says(refusal(), {"model.safetensors", key, "1048577 bytes", "1048576"});
    }
}

TEST_F(SingleFile, WithoutOneOfItsNetworksSaysWhich) {
    tensors_.remove_beginning("first_stage_model.");
    expect_says(refusal(), {"without a VAE"});
    tensors_ = EditableTensors(tiny_file);
    tensors_.remove_beginning("cond_stage_model.");
    expect_says(refusal(), {"without a text encoder"});
    tensors_ = EditableTensors(tiny_file);
    tensors_.remove_beginning("model.diffusion_model.");
    expect_says(refusal(), {"without a UNet"});
}

}  // namespace
}  // namespace easel
