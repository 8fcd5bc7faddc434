#include "train/run.h"

#include <numeric>
#include <span>
#include <sstream>

#include <easel/easel.h>

#include "support/files.h"
#include "train/colours.h"
#include "train/diffusion_trainer.h"
#include "train/model.h"

namespace {

using namespace easel;
using namespace easel::train;
using easel::testing::read_file;
using easel::testing::sentence_of;
using easel::testing::TemporaryFolder;

constexpr int side = 64;

/// A UNet of some 100,000 parameters around the tiny model's autoencoder.
Model small_model() {
    UNetConfig unet;
    unet.sample_size = side / 8;
    unet.cross_attention_dim = 16;
    unet.norm_num_groups = 8;
    unet.levels = {{.width = 16, .layers = 1, .heads = 2},
                   {.width = 16, .layers = 1, .cross_attention_down = false, .cross_attention_up = false, .heads = 2}};
    TextEncoderConfig text_encoder;
    text_encoder.hidden_size = 16;
    text_encoder.intermediate_size = 32;
    text_encoder.num_hidden_layers = 1;
    text_encoder.num_attention_heads = 2;
    return fresh_model(text_encoder, unet, "golden/tiny/diffusers/vae", /*seed=*/1);
}

std::int64_t parameter_count(const torch::nn::Module& network) {
    std::int64_t count = 0;
    for (const auto& parameter : network.parameters()) count += parameter.numel();
    return count;
}

/// A run on the colours in a folder of its own.
struct Colours {
    explicit Colours(const DiffusionOptions& of_run) : options(of_run) {
        easel::testing::write_colours(folder / "data.safetensors", side);
        torch::set_num_threads(1);
    }

    /// Until step `last`, if that comes before the end. Returns the loss of each step taken.
    std::vector<double> train(std::int64_t last, const std::string& identity = "colours") {
        Model model = small_model();
        const DataFile data(folder / "data.safetensors");
        const EncodedData encoded(data, model, torch::kCPU, {});
        DiffusionTrainer trainer(model, encoded, data.caption_begins(), options, torch::kCPU);
        std::vector<double> losses;
        std::stop_source stop;
        const auto on_step = [&](const LogRow& row) {
            losses.push_back(row.loss);
            if (row.step == last) stop.request_stop();
        };
        try {
            run(trainer, run_folder(), identity, on_step, stop.get_token());
            write_model(trainer.averaged(DType::F16), DType::F16, run_folder().model());
        } catch (const Cancelled&) {
        }
        return losses;
    }

    RunFolder run_folder() const { return {.path = folder.path()}; }

    DiffusionOptions options;
    TemporaryFolder folder;
};

double mean_of(std::span<const double> values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

TEST(TrainingRun, LearnsAndLeavesAModelThatTheEngineDraws) {
    EXPECT_NEAR(static_cast<double>(parameter_count(*small_model().unet)), 100'000, 30'000);
    Colours colours(
        {.training = {.steps = 300, .batch = 8, .learning_rate = 3e-3, .warmup_steps = 20, .average_horizon = 50}});
    const std::vector<double> losses = colours.train(colours.options.training.steps);
    ASSERT_EQ(losses.size(), 300U);
    EXPECT_GT(mean_of(std::span(losses).first(5)), 0.8);
    EXPECT_LT(mean_of(std::span(losses).last(50)), 0.35);

    Engine engine({.model = colours.run_folder().model().string(), .precision = "f32"});
    const Result drawn = engine.generate({.prompt = "red", .width = side, .height = side, .seed = 1});
    EXPECT_EQ(drawn.picture.width, side);
}

TEST(TrainingRun, GoesOnExactlyWhereItWasStopped) {
    const DiffusionOptions options{.training = {.steps = 40, .batch = 4, .learning_rate = 1e-3, .seed = 5},
                                   .train_text_encoder = true};
    Colours unbroken(options), stopped(options);
    const std::vector<double> whole = unbroken.train(40);
    std::vector<double> parts = stopped.train(20);
    ASSERT_EQ(parts.size(), 20U);
    const std::vector<double> rest = stopped.train(40);
    parts.insert(parts.end(), rest.begin(), rest.end());
    EXPECT_EQ(parts, whole);
    for (const char* file : {"unet/diffusion_pytorch_model.safetensors", "text_encoder/model.safetensors"})
        EXPECT_EQ(read_file(stopped.run_folder().model() / file), read_file(unbroken.run_folder().model() / file))
            << file;

    std::istringstream log(read_file(stopped.run_folder().log()));
    std::vector<std::string> rows;
    for (std::string row; std::getline(log, row);) rows.push_back(row);
    ASSERT_EQ(rows.size(), 41U);
    EXPECT_TRUE(rows[20].starts_with("20,")) << rows[20];
    EXPECT_TRUE(rows[21].starts_with("21,")) << rows[21];
}

TEST(TrainingRun, PartsOfABatchMakeTheSameStep) {
    const DiffusionOptions whole{.training = {.steps = 3, .batch = 8}};
    DiffusionOptions in_parts = whole;
    in_parts.training.accumulation = 4;
    const std::vector<double> expected = Colours(whole).train(3), losses = Colours(in_parts).train(3);
    ASSERT_EQ(losses.size(), expected.size());
    for (std::size_t i = 0; i < losses.size(); ++i) EXPECT_NEAR(losses[i], expected[i], 1e-5);
}

TEST(TrainingRun, RefusesTheCheckpointOfAnotherRun) {
    Colours colours({.training = {.steps = 4, .batch = 2}});
    colours.train(2);
    const std::string sentence = sentence_of([&] { colours.train(4, "other"); });
    EXPECT_NE(sentence.find("is of a run with other settings"), std::string::npos) << sentence;
}

TEST(TrainingRun, StopsWithTheLastGoodWeightsWhenTheLossIsNoNumber) {
    Colours colours(
        {.training = {.steps = 50, .batch = 4, .learning_rate = 1e30, .warmup_steps = 0, .max_gradient = 0}});
    const std::string sentence = sentence_of([&] { colours.train(50); });
    EXPECT_NE(sentence.find("the loss is no longer a number"), std::string::npos) << sentence;
    EXPECT_TRUE(std::filesystem::exists(colours.run_folder().checkpoint()));
}

TEST(TrainingRun, RefusesOptionsOutOfRange) {
    const auto sentence = [](const DiffusionOptions& options) {
        return sentence_of([&] { Colours(options).train(1); });
    };
    EXPECT_EQ(sentence({.training = {.batch = 0}}), "`batch` 0: give a number of 1 or more");
    EXPECT_EQ(sentence({.training = {.batch = 4, .accumulation = 3}}),
              "`accumulation` 3: a batch of 4 does not go into as many equal parts");
    EXPECT_EQ(sentence({.loss = "best"}), "`loss` best: give one of simple, step, vlb, min-snr");
    EXPECT_EQ(sentence({.caption_dropout = 2}), "`caption_dropout` 2: give a number from 0 to 1");
}

}  // namespace
