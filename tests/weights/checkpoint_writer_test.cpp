#include "weights/checkpoint_writer.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/files.h"
#include "weights/half.h"
#include "weights/precision.h"
#include "weights/same_weights.h"

namespace easel {
namespace {

namespace fs = std::filesystem;
using testing::expect_same_weights;

const char* const folder = "golden/tiny/diffusers";
const char* const single_file = "golden/tiny/single/tiny.safetensors";

void expect_same(const Checkpoint& ours, const Checkpoint& theirs) {
    expect_same_weights(ours.text_encoder.weights, theirs.text_encoder.weights);
    expect_same_weights(ours.unet.weights, theirs.unet.weights);
    expect_same_weights(ours.vae.weights, theirs.vae.weights);
    EXPECT_EQ(config_text(ours.text_encoder.config), config_text(theirs.text_encoder.config));
    EXPECT_EQ(config_text(ours.unet.config), config_text(theirs.unet.config));
    EXPECT_EQ(config_text(ours.vae.config), config_text(theirs.vae.config));
}

void write_folder(const Checkpoint& checkpoint, const fs::path& to) {
    fs::create_directory(to);
    write_diffusers_networks(checkpoint, to);
    testing::write_file(to / "model_index.json", model_index_text(checkpoint));
}

TEST(CheckpointWriter, FolderToSingleFileToFolderKeepsEveryWeight) {
    const testing::TemporaryFolder place;
    const Checkpoint original = Checkpoint::open(folder);
    write_single_file(original, place / "one.safetensors", OutputFile::IfExists::refuse);
    const Checkpoint single = Checkpoint::open(place / "one.safetensors");
    expect_same(single, original);
    EXPECT_EQ(single.scheduler_config, original.scheduler_config);

    write_folder(single, place / "again");
    expect_same(Checkpoint::open(place / "again"), original);
}

TEST(CheckpointWriter, SingleFileHasTheNamesAndShapesOfOriginalOnes) {
    const testing::TemporaryFolder place;
    write_single_file(Checkpoint::open(single_file), place / "one.safetensors", OutputFile::IfExists::refuse);
    const SafetensorsFile ours(place / "one.safetensors"), theirs(single_file);
    EXPECT_GT(ours.tensors().size(), 800u);
    for (const auto& [name, tensor] : ours.tensors()) {
        ASSERT_TRUE(theirs.tensors().contains(name)) << name;
        EXPECT_EQ(tensor.shape, theirs.tensors().at(name).shape) << name;
        EXPECT_TRUE(std::ranges::equal(tensor.bytes, theirs.tensors().at(name).bytes)) << name;
    }
}

TEST(CheckpointWriter, WhatASingleFileSaysOfItsTrainingIsCompletedByItsFamily) {
    Checkpoint checkpoint = Checkpoint::open(single_file);
    checkpoint.scheduler_config = R"({"prediction_type": "v_prediction", "rescale_betas_zero_snr": true})";
    const auto written = nlohmann::json::parse(scheduler_config_text(checkpoint));
    EXPECT_EQ(written["_class_name"], "PNDMScheduler");
    EXPECT_EQ(written["prediction_type"], "v_prediction");
    EXPECT_EQ(written["rescale_betas_zero_snr"], true);
    EXPECT_EQ(written["beta_end"], 0.012);
    checkpoint.scheduler_config = R"({"_class_name": "DDIMScheduler"})";
    EXPECT_EQ(scheduler_config_text(checkpoint), *checkpoint.scheduler_config);
}

TEST(CheckpointWriter, ConfigsOfOddShapesComeBack) {
    UNetConfig unet;
    unet.sample_size = 24;
    unet.levels = {{.width = 32, .layers = 1, .cross_attention_down = false, .cross_attention_up = false, .heads = 2},
                   {.width = 64,
                    .layers = 3,
                    .cross_attention_down = true,
                    .cross_attention_up = true,
                    .heads = 4,
                    .transformer_layers = 2}};
    unet.mid_block = MidBlock::plain;
    unet.cross_attention_dim = 96;
    unet.use_linear_projection = true;
    unet.norm_num_groups = 16;
    unet.norm_eps = 2e-5;
    unet.flip_sin_to_cos = false;
    unet.freq_shift = 1;
    std::vector<std::string> notes;
    const auto read_unet = parse_unet_config(nlohmann::json::parse(config_text(unet)), "x", notes);
    EXPECT_EQ(config_text(read_unet), config_text(unet));
    EXPECT_EQ(read_unet.levels, unet.levels);
    EXPECT_EQ(read_unet.mid_block, MidBlock::plain);
    EXPECT_EQ(read_unet.norm_eps, 2e-5);
    EXPECT_FALSE(read_unet.flip_sin_to_cos);

    VaeConfig vae;
    vae.block_out_channels = {32, 64, 64};
    vae.scaling_factor = 0.5;
    vae.shift_factor = 0.25;
    vae.use_quant_conv = false;
    vae.mid_block_add_attention = false;
    const auto read_vae = parse_vae_config(nlohmann::json::parse(config_text(vae)), "x", notes);
    EXPECT_EQ(config_text(read_vae), config_text(vae));
    EXPECT_TRUE(notes.empty());
    EXPECT_EQ(read_vae.scaling_factor, 0.5);
    EXPECT_EQ(read_vae.shift_factor, 0.25);
    EXPECT_FALSE(read_vae.use_quant_conv);
}

TEST(Precision, EveryWeightIsRounded) {
    const Checkpoint original = Checkpoint::open(folder);
    for (const DType dtype : {DType::F16, DType::BF16, DType::F32}) {
        const Checkpoint converted = converted_to(dtype, original, {});
        for (const auto& [ours, theirs] : {std::pair(&converted.unet.weights, &original.unet.weights),
                                           std::pair(&converted.vae.weights, &original.vae.weights)}) {
            EXPECT_EQ(ours->dtypes(), std::set{dtype});
            for (const std::string& name : theirs->names()) {
                const auto stored = ours->at(name).bytes, exact = theirs->at(name).bytes;  // f32
                for (std::size_t i = 0; i < exact.size() / 4; ++i) {
                    float value = 0.0f, expected = 0.0f;
                    std::memcpy(&expected, exact.data() + 4 * i, 4);
                    std::uint16_t half = 0;
                    if (dtype == DType::F32)
                        std::memcpy(&value, stored.data() + 4 * i, 4);
                    else
                        std::memcpy(&half, stored.data() + 2 * i, 2);
                    if (dtype == DType::F16) value = from_f16(half);  // the tiny model's weights are all f16 numbers
                    if (dtype == DType::BF16) {
                        EXPECT_EQ(half, bf16_from(expected)) << name;
                    } else {
                        EXPECT_EQ(value, expected) << name;
                    }
                }
            }
        }
    }
}

TEST(Precision, NumberBeyondTheRangeNamesItsTensor) {
    Checkpoint checkpoint = Checkpoint::open(folder);
    const auto wild = std::make_shared<std::vector<float>>(16 * 4 * 3 * 3, 0.0f);
    wild->at(7) = -70000.0f;
    checkpoint.unet.weights.add("conv_in.weight",
                                {.name = "conv_in.weight",
                                 .dtype = DType::F32,
                                 .shape = {16, 4, 3, 3},
                                 .bytes = std::as_bytes(std::span(*wild))},
                                wild);
    EXPECT_EQ(testing::sentence_of([&] { converted_to(DType::F16, checkpoint, {}); }),
              "golden/tiny/diffusers/unet/diffusion_pytorch_model.safetensors: the tensor conv_in.weight holds -70000, "
              "which is beyond the range of F16; choose another `precision`");
    EXPECT_NO_THROW(converted_to(DType::BF16, checkpoint, {}));
    wild->at(7) = std::numeric_limits<float>::infinity();  // as it was: not made by the conversion
    EXPECT_NO_THROW(converted_to(DType::F16, checkpoint, {}));
}

}  // namespace
}  // namespace easel
