#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "weights/checkpoint.h"
#include "weights/crafted.h"
#include "weights/layouts.h"
#include "weights/same_weights.h"

namespace easel {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::EditableTensors;
using testing::expect_same_weights;
using testing::expect_says;
using testing::read_file;
using testing::sentence_of;
using testing::TemporaryFolder;
using testing::write_file;

const fs::path tiny = "golden/tiny/diffusers";

/// A copy of the tiny model to be changed.
class DiffusersFolder : public ::testing::Test {
  protected:
    void SetUp() override { fs::copy(tiny, model_, fs::copy_options::recursive); }

    Checkpoint open() const { return Checkpoint::open(model_); }
    std::string refusal() const {
        return sentence_of([&] { open(); });
    }

    void change(const fs::path& file, const std::string& key, const json& value) {
        json content = json::parse(read_file(model_ / file));
        content[key] = value;
        write_file(model_ / file, content.dump());
    }

    /// Splits a part's weights in two files with an index.
    void shard(const fs::path& folder, const std::string& stem, const std::string& index_name) {
        const fs::path whole = folder / (stem + ".safetensors");
        json map;
        int number = 0;
        EditableTensors first(whole), second(whole);
        const SafetensorsFile file(whole);
        for (const auto& [name, tensor] : file.tensors()) {
            const bool in_first = number++ % 2 == 0;
            (in_first ? second : first).remove(name);
            map[name] = stem + (in_first ? "-1.safetensors" : "-2.safetensors");
        }
        first.write(folder / (stem + "-1.safetensors"));
        second.write(folder / (stem + "-2.safetensors"));
        write_file(folder / index_name, json{{"weight_map", map}}.dump());
        fs::remove(whole);
    }

    TemporaryFolder folder_;
    const fs::path model_ = folder_ / "my model";
    const fs::path unet_ = model_ / "unet", vae_ = model_ / "vae", text_encoder_ = model_ / "text_encoder";
    const std::string stem_ = "diffusion_pytorch_model";
};

TEST_F(DiffusersFolder, IsRead) {
    const Checkpoint checkpoint = open();
    EXPECT_EQ(checkpoint.layout, Checkpoint::Layout::diffusers_folder);
    EXPECT_EQ(checkpoint.name, "my model");
    EXPECT_EQ(checkpoint.text_encoder.config.hidden_size, 32);
    EXPECT_EQ(checkpoint.text_encoder.config.num_hidden_layers, 5);
    EXPECT_EQ(of_levels(checkpoint.unet.config, &UNetLevel::width), (std::vector<int>{16, 32, 32}));
    EXPECT_EQ(checkpoint.unet.config.sample_size, 8);
    EXPECT_EQ(checkpoint.vae.config.downsampling(), 8);
    EXPECT_EQ(checkpoint.text_encoder.weights.names().size(), 84u);
    EXPECT_EQ(checkpoint.unet.weights.names().size(), 494u);
    EXPECT_EQ(checkpoint.vae.weights.names().size(), 244u);
    EXPECT_EQ(checkpoint.files().size(), 3u);
    EXPECT_TRUE(checkpoint.notes.empty());
    ASSERT_TRUE(checkpoint.scheduler_config);
    EXPECT_EQ(json::parse(*checkpoint.scheduler_config)["_class_name"], "PNDMScheduler");
    EXPECT_EQ(checkpoint.tokenizer_folder, model_ / "tokenizer");
    EXPECT_FALSE(checkpoint.easel_json);
    expect_says(checkpoint.description(), {"Stable Diffusion 1.x", "diffusers folder", "F16", "F32"});

    const Weight weight = checkpoint.unet.weights.at("down_blocks.0.resnets.0.conv1.weight");
    EXPECT_EQ(weight.name, "down_blocks.0.resnets.0.conv1.weight");
    EXPECT_EQ(weight.shape, (std::vector<std::int64_t>{16, 16, 3, 3}));
    EXPECT_EQ(weight.bytes.size(), 16u * 16 * 9 * 4);
}

TEST_F(DiffusersFolder, OfAHubsCacheIsNamedByItsModel) {
    const auto snapshots = folder_ / "models--someone--small-one" / "snapshots";
    std::filesystem::create_directories(snapshots);
    std::filesystem::rename(model_, snapshots / "0123456789abcdef0123456789abcdef01234567");
    EXPECT_EQ(Checkpoint::open(snapshots / "0123456789abcdef0123456789abcdef01234567").name, "small-one");
}

TEST_F(DiffusersFolder, IsNamedByItsLastComponentHoweverItIsGiven) {
    EXPECT_EQ(Checkpoint::open(model_.string() + "/").name, "my model");
    EXPECT_EQ(Checkpoint::open(model_ / ".").name, "my model");
    EXPECT_EQ(Checkpoint::open(unet_ / "..").name, "my model");
}

TEST_F(DiffusersFolder, KeepsAWeightAliveOnItsOwn) {
    const Weight weight = open().vae.weights.at("quant_conv.bias");
    EXPECT_EQ(weight.bytes.size(), 32u);
    const std::vector<std::byte> copy(weight.bytes.begin(), weight.bytes.end());
    EXPECT_TRUE(std::ranges::equal(copy, open().vae.weights.at("quant_conv.bias").bytes));
}

TEST_F(DiffusersFolder, MayHoldItsOwnDefaults) {
    write_file(model_ / "easel.json", R"({"steps": 12})");
    EXPECT_EQ(open().easel_json, R"({"steps": 12})");
}

TEST_F(DiffusersFolder, MayLackSchedulerAndTokenizer) {
    fs::remove_all(model_ / "scheduler");
    fs::remove_all(model_ / "tokenizer");
    EXPECT_FALSE(open().scheduler_config);
    EXPECT_FALSE(open().tokenizer_folder);
}

TEST_F(DiffusersFolder, MayBeSharded) {
    shard(unet_, stem_, stem_ + ".safetensors.index.json");
    shard(text_encoder_, "model", "model.safetensors.index.json");
    expect_same_weights(open().unet.weights, Checkpoint::open(tiny).unet.weights);
    expect_same_weights(open().text_encoder.weights, Checkpoint::open(tiny).text_encoder.weights);
    EXPECT_EQ(open().files().size(), 5u);
}

TEST_F(DiffusersFolder, MayHoldAVariantAloneWholeOrSharded) {
    fs::rename(vae_ / (stem_ + ".safetensors"), vae_ / (stem_ + ".fp16.safetensors"));
    for (const char* index : {".safetensors.index.fp16.json", ".fp16.safetensors.index.json"}) {
        fs::remove_all(unet_);
        fs::copy(tiny / "unet", unet_);
        shard(unet_, stem_, stem_ + index);
        const Checkpoint checkpoint = open();
        expect_same_weights(checkpoint.unet.weights, Checkpoint::open(tiny).unet.weights);
        expect_same_weights(checkpoint.vae.weights, Checkpoint::open(tiny).vae.weights);
        ASSERT_EQ(checkpoint.notes.size(), 2u);
        expect_says(checkpoint.notes[0], {"fp16", "unet"});
    }
}

TEST_F(DiffusersFolder, PrefersPlainWeightsToVariants) {
    write_file(unet_ / (stem_ + ".fp16.safetensors"), "never read");
    EXPECT_TRUE(open().notes.empty());
}

TEST_F(DiffusersFolder, IsRefusedWhenAnIndexIsHostile) {
    const fs::path index = unet_ / (stem_ + ".safetensors.index.json");
    shard(unet_, stem_, index.filename().string());
    const json sound = json::parse(read_file(index));
    const auto refusal_with = [&](const json& content) {
        write_file(index, content.dump());
        return refusal();
    };
    for (const char* outside :
         {"../vae/diffusion_pytorch_model.safetensors", "/etc/passwd", "..", "", "x.bin", "a\\b.safetensors"}) {
        json changed = sound;
        changed["weight_map"]["conv_in.bias"] = outside;
        expect_says(refusal_with(changed), {"index.json", "same folder"});
    }
    json changed = sound;
    changed["weight_map"]["conv_in.bias"] = std::string("a\0.safetensors", 14);
    expect_says(refusal_with(changed), {"same folder"});
    changed["weight_map"]["conv_in.bias"] = 3;
    expect_says(refusal_with(changed), {"index.json", "conv_in.bias"});
    changed = sound;
    changed["weight_map"]["conv_in.bias"] = "missing.safetensors";
    expect_says(refusal_with(changed), {"missing.safetensors"});
    changed = sound;
    changed["weight_map"]["no.such.tensor"] = stem_ + "-1.safetensors";
    expect_says(refusal_with(changed), {"index.json", "no.such.tensor", "does not"});
    expect_says(refusal_with({{"weight_map", 3}}), {"index.json", "weight_map"});
    expect_says(refusal_with(json::array()), {"index.json", "weight_map"});
}

TEST_F(DiffusersFolder, MayHaveTheOlderNamesOfTheVaesAttention) {
    fs::copy_file("golden/tiny/vae_old_names/diffusion_pytorch_model.safetensors", vae_ / (stem_ + ".safetensors"),
                  fs::copy_options::overwrite_existing);
    const Checkpoint checkpoint = open();
    EXPECT_EQ(checkpoint.vae.weights.names(), Checkpoint::open(tiny).vae.weights.names());
    EXPECT_EQ(checkpoint.vae.weights.at("encoder.mid_block.attentions.0.to_q.weight").shape,
              (std::vector<std::int64_t>{16, 16}));
    EXPECT_EQ(checkpoint.vae.weights.name_in_file("encoder.mid_block.attentions.0.to_out.0.bias"),
              "encoder.mid_block.attentions.0.proj_attn.bias");
}

TEST_F(DiffusersFolder, MayStoreTheVaesAttentionAsConvolutions) {
    const fs::path file = vae_ / (stem_ + ".safetensors");
    EditableTensors tensors(file);
    tensors["decoder.mid_block.attentions.0.to_v.weight"].shape = {16, 16, 1, 1};
    tensors.write(file);
    expect_same_weights(open().vae.weights, Checkpoint::open(tiny).vae.weights);
}

TEST_F(DiffusersFolder, MayHaveTheTextEncoderWithoutItsPrefixAndWithPositionIds) {
    const fs::path file = text_encoder_ / "model.safetensors";
    EditableTensors tensors(file);
    tensors.rename_all([](const std::string& name) { return name.substr(std::string("text_model.").size()); });
    tensors.add("embeddings.position_ids", {1, 77}, DType::I64);
    tensors.write(file);
    expect_same_weights(open().text_encoder.weights, Checkpoint::open(tiny).text_encoder.weights);
    expect_says(sentence_of([&] { open().text_encoder.weights.at("text_model.encoder.layers.9.mlp.fc1.bias"); }),
                {"tensor encoder.layers.9.mlp.fc1.bias"});
}

TEST_F(DiffusersFolder, NamesAMissingTensorWhenItIsAskedFor) {
    const fs::path file = unet_ / (stem_ + ".safetensors");
    EditableTensors tensors(file);
    tensors.remove("mid_block.resnets.1.conv2.bias");
    tensors.write(file);
    const Checkpoint checkpoint = open();
    EXPECT_FALSE(checkpoint.unet.weights.find("mid_block.resnets.1.conv2.bias"));
    expect_says(sentence_of([&] { checkpoint.unet.weights.at("mid_block.resnets.1.conv2.bias"); }),
                {"unet/diffusion_pytorch_model.safetensors", "UNet", "lacks", "mid_block.resnets.1.conv2.bias"});
}

TEST_F(DiffusersFolder, RefusesATypeItCannotUseOnlyWhenTheTensorIsAskedFor) {
    const fs::path file = unet_ / (stem_ + ".safetensors");
    for (const DType dtype : {DType::F64, DType::I64, DType::F8_E4M3, DType::F4, DType::BOOL}) {
        EditableTensors tensors(file);
        tensors.add("extra", {2}, dtype);
        tensors.write(file);
        const Checkpoint checkpoint = open();
        EXPECT_EQ(checkpoint.unet.weights.find("extra")->dtype, dtype);
        expect_says(sentence_of([&] { checkpoint.unet.weights.at("extra"); }),
                    {"unet", "extra", std::string(name(dtype)), "F32, F16 or BF16"});
    }
}

TEST_F(DiffusersFolder, AlignsWeightsOfUnalignedFiles) {
    const std::string header = R"({"odd":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                               R"("weight":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}})";
    write_file(unet_ / (stem_ + ".safetensors"), testing::raw_safetensors(header, std::string("x\0\0\x80\x3f", 5)));
    const Weight weight = open().unet.weights.at("weight");
    ASSERT_EQ(reinterpret_cast<std::uintptr_t>(weight.bytes.data()) % 4, 0u);
    EXPECT_EQ(*reinterpret_cast<const float*>(weight.bytes.data()), 1.0f);
}

TEST_F(DiffusersFolder, WithPicklesOnlySaysSo) {
    fs::rename(unet_ / (stem_ + ".safetensors"), unet_ / (stem_ + ".bin"));
    expect_says(refusal(), {"unet/diffusion_pytorch_model.bin", "pickle", "run code", "convert"});
}

TEST_F(DiffusersFolder, WithStandInsForItsFilesNamesThem) {
    const std::string pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";
    const fs::path weights = unet_ / (stem_ + ".safetensors");
    for (const fs::path& file : {weights, unet_ / "config.json", folder_ / "my model" / "model_index.json"}) {
        const std::string before = read_file(file);
        write_file(file, pointer);
        expect_says(refusal(), {file.string(), "git LFS pointer"});
        write_file(file, "<html>404</html>");
        expect_says(refusal(), {file.string(), "web page"});
        write_file(file, before);
    }
    fs::remove(weights);
    write_file(unet_ / "diffusion_pytorch_model.bin", pointer);
    expect_says(refusal(), {"diffusion_pytorch_model.bin", "git LFS pointer"});
}

TEST_F(DiffusersFolder, WithoutWeightsOrConfigNamesThePart) {
    fs::remove(vae_ / (stem_ + ".safetensors"));
    expect_says(refusal(), {"vae", "no weights", "diffusion_pytorch_model.safetensors"});
    fs::remove(vae_ / "config.json");
    expect_says(refusal(), {"vae/config.json"});
    fs::remove_all(unet_);
    write_file(unet_, "a file");
    expect_says(refusal(), {"unet/config.json"});
}

TEST_F(DiffusersFolder, WithDamagedJsonNamesTheFile) {
    write_file(unet_ / "config.json", "{");
    expect_says(refusal(), {"unet/config.json", "not valid JSON"});
    write_file(unet_ / "config.json", std::string(50'000, '['));
    expect_says(refusal(), {"unet/config.json", "nested"});
    write_file(model_ / "model_index.json", "{\"_class_name\": \"\xff\"}");
    expect_says(refusal(), {"model_index.json"});
    write_file(model_ / "model_index.json", "{}");
    expect_says(refusal(), {"model_index.json", "_class_name"});
}

TEST_F(DiffusersFolder, OfAnotherFamilyIsNamedAsWhatItIs) {
    const std::pair<const char*, const char*> families[] = {
        {"StableDiffusionXLControlNetPipeline", "Stable Diffusion XL"},
        {"StableDiffusionXLInstructPix2PixPipeline", "Stable Diffusion XL"},
        {"StableDiffusion3Pipeline", "Stable Diffusion 3"},
        {"FluxPipeline", "Flux"},
        {"StableVideoDiffusionPipeline", "Stable Video Diffusion"},
        {"SomethingNewPipeline", "SomethingNewPipeline"},
    };
    for (const auto& [pipeline, says] : families) {
        change("model_index.json", "_class_name", pipeline);
        expect_says(refusal(), {"my model", says, "Stable Diffusion XL refiner are"});
    }
}

TEST_F(DiffusersFolder, OfAPipelineThatOnlyAddsToTheDrawingIsDrawnWithANote) {
    for (const json& pipeline : {json("StableDiffusionPAGPipeline"), json("StableDiffusionSAGPipeline"),
                                 json("StableDiffusionLongPromptWeightingPipeline"),
                                 json({"lpw_stable_diffusion", "StableDiffusionLongPromptWeightingPipeline"})}) {
        change("model_index.json", "_class_name", pipeline);
        const std::vector<std::string> notes = open().notes;
        ASSERT_EQ(notes.size(), 1u);
        expect_says(notes.front(), {"my model", "is made for StableDiffusion", "without that"});
    }
    change("model_index.json", "_class_name", "StableDiffusionImg2ImgPipeline");
    EXPECT_TRUE(open().notes.empty());
}

TEST_F(DiffusersFolder, WithUnknownKeysInItsConfigsIsDrawnWithANoteOfEach) {
    for (const char* part : {"text_encoder", "unet", "vae"}) change(fs::path(part) / "config.json", "new_feature", 3);
    const std::vector<std::string> notes = open().notes;
    ASSERT_EQ(notes.size(), 3u);
    expect_says(notes[0], {(text_encoder_ / "config.json").string(), "\"new_feature\""});
    expect_says(notes[1], {(unet_ / "config.json").string(), "\"new_feature\""});
    expect_says(notes[2], {(vae_ / "config.json").string(), "\"new_feature\""});
}

TEST_F(DiffusersFolder, WithOtherChannelsIsNamedAsWhatItIs) {
    change("unet/config.json", "in_channels", 9);
    expect_says(open().description(), {"an inpainting model"});
    change("unet/config.json", "in_channels", 8);
    expect_says(open().description(), {"an InstructPix2Pix model"});
    change("unet/config.json", "in_channels", 7);
    expect_says(refusal(), {"an upscaler", "7 channels"});
    change("unet/config.json", "in_channels", 5);
    expect_says(refusal(), {"takes 5", "4 latent channels"});
}

TEST_F(DiffusersFolder, OfStableDiffusion2IsToldByItsWidth) {
    change("unet/config.json", "cross_attention_dim", 1024);
    expect_says(refusal(), {"width 1024", "gives 32"});
    change("text_encoder/config.json", "hidden_size", 1024);
    EXPECT_EQ(open().family, Family::stable_diffusion_2);
}

TEST_F(DiffusersFolder, OfStableDiffusion2InSmallIsToldByHowItIsBuilt) {
    change("text_encoder/config.json", "hidden_act", "gelu");
    EXPECT_EQ(open().family, Family::stable_diffusion_1);
    change("unet/config.json", "use_linear_projection", true);
    EXPECT_EQ(open().family, Family::stable_diffusion_2);
}

TEST(PartsOfStableDiffusionXl, WithTheVaeOfAnotherFamilyAreNamed) {
    const TextEncoderConfig first{.hidden_size = 768}, second{.hidden_size = 1280, .projection_dim = 1280};
    UNetConfig unet;
    unet.cross_attention_dim = 2048;
    unet.addition_time_embed_dim = 256;
    unet.added_conditions = 2816;
    const auto refusal = [&](double scaling_factor) {
        VaeConfig vae;
        vae.scaling_factor = scaling_factor;
        return sentence_of([&] { check_parts(first, unet, vae, Family::stable_diffusion_xl, "mixed", &second); });
    };
    expect_says(refusal(0.18215),
                {"mixed", "its VAE is one of Stable Diffusion 1.x", "Stable Diffusion XL", "0.13025"});
    unet.added_conditions = 2817;
    expect_says(refusal(0.13025), {"2817 added conditions", "1280", "1536"});
}

TEST(CheckpointPaths, ThatAreNoModelAreRefused) {
    const TemporaryFolder folder;
    expect_says(sentence_of([&] { Checkpoint::open(folder / "none"); }), {"none", "no such file or folder"});
    expect_says(sentence_of([&] { Checkpoint::open(folder.path()); }), {"model_index.json", "not a diffusers model"});
    write_file(folder / "file.txt", "just some text\n");
    expect_says(sentence_of([&] { Checkpoint::open(folder / "file.txt"); }), {"file.txt", "not a safetensors file"});
    expect_says(sentence_of([&] { Checkpoint::open(folder / "file.txt" / "unet"); }), {"no such file or folder"});
    expect_says(sentence_of([&] { Checkpoint::open("/dev/null"); }), {"not a regular file"});
}

}  // namespace
}  // namespace easel
