#include "train/lora.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "adapters/lora_file.h"
#include "adapters/weight_changes.h"
#include "support/files.h"
#include "train/colours.h"
#include "train/diffusion_trainer.h"
#include "train/tiny_model.h"

namespace easel::train {
namespace {

using testing::mean;
using testing::sentence_of;
using testing::TemporaryFolder;
using testing::tiny_model;

/// What the model says of some latents and words.
Tensor prediction(Model& model) {
    const torch::NoGradGuard no_grad;
    at::Generator generator = at::detail::createCPUGenerator(3);
    const Tensor latents = torch::randn({2, 4, 8, 8}, generator);
    const Tensor ids = torch::randint(0, 400, {2, 77}, generator, torch::kLong);
    return model.unet(latents, torch::tensor({20, 700}), model.text_encoder(ids));
}

/// The tiny model as the engine has it with an adapter.
Model with_adapter(const std::filesystem::path& path) {
    Model model = tiny_model();
    const auto lora = std::make_shared<const LoraFile>(open_lora(path, LayerTable(model.stored)));
    EXPECT_EQ(lora->applied_count(), lora->layer_count);
    const auto changes = [&](const LoraLayers& layers) {
        return WeightChanges{{.layers = std::shared_ptr<const LoraLayers>(lora, &layers)}};
    };
    load_weights(*model.unet, with_changes(model.stored.unet.weights, changes(lora->unet)));
    load_weights(*model.text_encoder, with_changes(model.stored.text_encoder.weights, changes(lora->text_encoder)));
    return model;
}

class EveryChoiceOfLayers : public ::testing::TestWithParam<LoraOptions> {};

TEST_P(EveryChoiceOfLayers, ChangesOnlyTheFactorsAndIsReadBackAsTheSameNetwork) {
    torch::set_num_threads(1);
    const TemporaryFolder folder;
    easel::testing::write_colours(folder / "colours.safetensors", 64);
    const DataFile data(folder / "colours.safetensors");
    Model model = tiny_model();
    const Tensor before = prediction(model);
    const EncodedData encoded(data, model, torch::kCPU, {});
    const Parameters factors = add_lora(model, GetParam(), /*text_encoder=*/true, /*seed=*/4);
    EXPECT_TRUE(torch::equal(prediction(model), before)) << "a new LoRA changes nothing";

    const DiffusionOptions options{
        .training = {.steps = 100, .batch = 8, .learning_rate = 1e-2, .warmup_steps = 5, .average_horizon = 20}};
    DiffusionTrainer trainer(model, factors, encoded, data.caption_begins(), options, torch::kCPU);
    std::vector<double> losses;
    for (int step = 0; step < options.training.steps; ++step) losses.push_back(trainer.step(step).loss);
    EXPECT_LT(mean(std::span(losses).last(20)), 0.95 * mean(std::span(losses).first(20)));

    const auto is_as_stored = [](const torch::nn::Module& network, const torch::nn::Module& stored) {
        const Parameters ours = parameters_of(network), theirs = parameters_of(stored);
        return std::ranges::all_of(ours, [&](const auto& item) { return item.second.equal(theirs.at(item.first)); });
    };
    const Model untouched = tiny_model();
    EXPECT_TRUE(is_as_stored(*model.unet, *untouched.unet));
    EXPECT_TRUE(is_as_stored(*model.text_encoder, *untouched.text_encoder));

    write_lora(folder / "lora.safetensors", trainer.averages(), GetParam(), DType::F32, model.stored, data);
    {
        const torch::NoGradGuard no_grad;
        for (const auto& [name, average] : trainer.averages()) Tensor(factors.at(name)).copy_(average);
    }
    Model read = with_adapter(folder / "lora.safetensors");
    const Tensor trained = prediction(model);
    EXPECT_GT((trained - before).abs().max().item<double>(), 1e-2);
    // The tiny text encoder is stored in f16, and what is merged into it is rounded to that.
    EXPECT_LE((prediction(read) - trained).abs().max().item<double>(), 1e-3);
}

INSTANTIATE_TEST_SUITE_P(Lora, EveryChoiceOfLayers,
                         ::testing::Values(LoraOptions{.rank = 2, .layers = "attention"},
                                           LoraOptions{.rank = 4, .alpha = 2, .layers = "transformers"},
                                           LoraOptions{.rank = 3, .layers = "all"}),
                         [](const auto& tried) { return tried.param.layers; });

TEST(Lora, SaysWhatOtherProgramsShow) {
    const TemporaryFolder folder;
    write_data_file(folder / "cats.safetensors", 1, 1,
                    std::vector<CaptionedPicture>{{.pixels = {1, 2, 3}, .captions = {"a cat, grey ", "a cat"}}},
                    OutputFile::IfExists::refuse);
    Model model = tiny_model();
    const LoraOptions options{.rank = 2, .alpha = 1, .layers = "attention"};
    const Parameters factors = add_lora(model, options, /*text_encoder=*/false, /*seed=*/1);
    write_lora(folder / "cat.safetensors", factors, options, DType::F16, model.stored,
               DataFile(folder / "cats.safetensors"));
    const SafetensorsFile file(folder / "cat.safetensors");
    const auto& metadata = file.metadata();
    EXPECT_EQ(metadata.at("ss_base_model_version"), "sd_v1");
    EXPECT_EQ(metadata.at("ss_sd_model_name"), "diffusers");
    EXPECT_EQ(metadata.at("ss_network_module"), "networks.lora");
    EXPECT_EQ(metadata.at("ss_network_dim"), "2");
    EXPECT_EQ(metadata.at("ss_network_alpha"), "1");
    EXPECT_EQ(metadata.at("ss_output_name"), "cat");
    EXPECT_EQ(nlohmann::json::parse(metadata.at("ss_tag_frequency")),
              nlohmann::json({{"cats", {{"a cat", 2}, {"grey", 1}}}}));
    const std::string layer = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn2_to_k";
    EXPECT_EQ(file.tensors().at(layer + ".lora_down.weight").dtype, DType::F16);
    EXPECT_EQ(file.tensors().at(layer + ".lora_down.weight").shape.front(), 2);
    EXPECT_EQ(file.tensors().at(layer + ".lora_up.weight").shape.back(), 2);
    EXPECT_TRUE(file.tensors().contains(layer + ".alpha"));
}

TEST(Lora, RefusesOptionsOutOfRange) {
    Model model = tiny_model();
    const auto sentence = [&](const LoraOptions& options) {
        return sentence_of([&] { add_lora(model, options, false, 1); });
    };
    EXPECT_EQ(sentence({.rank = 0}), "`lora_rank` 0: give a number from 1 to 1024");
    EXPECT_EQ(sentence({.rank = 4, .alpha = -1}), "`lora_alpha` -1: give a number above 0, or 0 for the rank's");
    EXPECT_EQ(sentence({.rank = 4, .layers = "best"}), "`lora_layers` best: give one of attention, transformers, all");
}

}  // namespace
}  // namespace easel::train
