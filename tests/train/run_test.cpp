#include "train/run.h"

#include <mutex>
#include <numeric>
#include <span>
#include <sstream>
#include <thread>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <easel/easel.h>

#include "support/files.h"
#include "train/colours.h"
#include "train/diffusion_trainer.h"
#include "train/model.h"

namespace easel::train {
namespace {

using testing::colours_side;
using testing::read_file;
using testing::sentence_of;
using testing::TemporaryFolder;

/// A UNet of some 100,000 parameters around the tiny model's autoencoder.
Model small_model() {
    UNetConfig unet;
    unet.sample_size = colours_side / 8;
    unet.cross_attention_dim = 16;
    unet.norm_num_groups = 8;
    unet.levels = {{.width = 16, .layers = 1, .heads = 2},
                   {.width = 16, .layers = 1, .cross_attention_down = false, .cross_attention_up = false, .heads = 2}};
    TextEncoderConfig text_encoder;
    text_encoder.hidden_size = 16;
    text_encoder.intermediate_size = 32;
    text_encoder.num_hidden_layers = 1;
    text_encoder.num_attention_heads = 2;
    // torch's generator, which draws the weights, is one for all threads.
    static std::mutex one_at_a_time;
    const std::lock_guard guard(one_at_a_time);
    return fresh_model(text_encoder, unet, "golden/tiny/diffusers/vae", /*seed=*/1);
}

std::int64_t parameter_count(const torch::nn::Module& network) {
    std::int64_t count = 0;
    for (const auto& parameter : network.parameters()) count += parameter.numel();
    return count;
}

/// A run on the colours in a folder of its own.
struct Colours {
    explicit Colours(const DiffusionOptions& of_run, bool with_text = false)
        : options(of_run), train_text_encoder(with_text) {
        easel::testing::write_colours(folder / "data.safetensors", colours_side);
        torch::set_num_threads(1);
    }

    /// Until step `last`, if that comes before the end. Returns the loss of each step taken.
    std::vector<double> train(std::int64_t last, const std::string& identity = R"({"loss":"simple"})",
                              const Ranks& ranks = {}) {
        Model model = small_model();
        const DataFile data(folder / "data.safetensors");
        const EncodedData encoded(data, model, torch::kCPU, {});
        DiffusionTrainer trainer(model, trained_weights(model, train_text_encoder, encoded), encoded,
                                 data.caption_begins(), options, torch::kCPU);
        trainer.share_with(ranks);
        std::vector<double> losses;
        std::stop_source stop;
        const auto on_step = [&](const LogRow& row) {
            losses.push_back(row.loss);
            if (row.step == last) stop.request_stop();
        };
        try {
            run(trainer, run_folder(), identity, {.on_step = on_step}, stop.get_token());
            write_model(with_weights(model, trainer.averages(), DType::F16), DType::F16, run_folder().model());
        } catch (const Cancelled&) {
        }
        return losses;
    }

    RunFolder run_folder() const { return {.path = folder.path()}; }

    DiffusionOptions options;
    bool train_text_encoder;
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
    const Result drawn = engine.generate({.prompt = "red", .width = colours_side, .height = colours_side, .seed = 1});
    EXPECT_EQ(drawn.picture.width, colours_side);
}

TEST(TrainingRun, GoesOnExactlyWhereItWasStopped) {
    const DiffusionOptions options{.training = {.steps = 40, .batch = 4, .learning_rate = 1e-3, .seed = 5}};
    Colours unbroken(options, /*with_text=*/true), stopped(options, /*with_text=*/true);
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

/// A place on this machine where processes can meet.
std::string free_place() {
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    socklen_t length = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(listener, any, length), 0);
    EXPECT_EQ(::getsockname(listener, any, &length), 0);
    ::close(listener);
    return fmt::format("127.0.0.1:{}", ntohs(address.sin_port));
}

/// Runs of several processes, here as threads.
class RunOfTwo : public ::testing::Test {
  protected:
    void SetUp() override {
        if (sentence_of([] { Ranks(0, 2, ""); }).find("without Gloo") != std::string::npos)
            GTEST_SKIP() << "this LibTorch has no Gloo";
    }

    const std::string identity = "{}", place = free_place();
    const DiffusionOptions options{.training = {.steps = 6, .batch = 4, .accumulation = 2, .learning_rate = 1e-3}};
};

TEST_F(RunOfTwo, TakesTheStepsOfOne) {
    Colours alone(options), first(options), second(options);
    const std::vector<double> expected = alone.train(6);
    const std::jthread other([&] { second.train(6, identity, Ranks(1, 2, place)); });
    const std::vector<double> losses = first.train(6, identity, Ranks(0, 2, place));
    ASSERT_EQ(losses.size(), expected.size());
    for (std::size_t i = 0; i < losses.size(); ++i) EXPECT_NEAR(losses[i], expected[i], 1e-5) << i;
    EXPECT_FALSE(std::filesystem::exists(second.run_folder().checkpoint())) << "only the first writes";
}

TEST_F(RunOfTwo, StopsTogetherAndGoesOnAlone) {
    Colours first(options), second(options), alone(options);
    const std::vector<double> expected = alone.train(6);
    {
        const std::jthread other([&] { second.train(6, identity, Ranks(1, 2, place)); });
        EXPECT_EQ(first.train(3, identity, Ranks(0, 2, place)).size(), 3U);
    }
    const std::vector<double> rest = first.train(6, identity);
    ASSERT_EQ(rest.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(rest[i], expected[i + 3], 1e-5) << i;
}

TEST_F(RunOfTwo, SavesWhenTheOtherIsGone) {
    Colours first(options);
    const std::jthread other([&] { const Ranks leaves(1, 2, place); });
    const std::string sentence = sentence_of([&] { first.train(6, identity, Ranks(0, 2, place)); });
    EXPECT_NE(sentence.find("another process of the run is gone"), std::string::npos) << sentence;
    EXPECT_EQ(load_state(first.run_folder().checkpoint()).step, 0);
}

TEST_F(RunOfTwo, RefusesNumbersThatDoNotFit) {
    EXPECT_EQ(sentence_of([] { Ranks(2, 2, "127.0.0.1:1"); }), "`rank` 2: give a number from 0 to 1");
    EXPECT_EQ(sentence_of([] { Ranks(0, 0, ""); }), "`ranks` 0: give a number of 1 or more");
    EXPECT_EQ(sentence_of([] { Ranks(0, 2, "here"); }), "`rendezvous` here: give host:port, such as 127.0.0.1:29500");
}

TEST(TrainingRun, RefusesTheCheckpointOfAnotherRun) {
    Colours colours({.training = {.steps = 4, .batch = 2}});
    colours.train(2);
    const auto sentence = [&](const std::string& identity) { return sentence_of([&] { colours.train(4, identity); }); };
    const std::string is = colours.run_folder().checkpoint().string() + ": is of a run with ";
    EXPECT_EQ(sentence(R"({"loss":"vlb"})"), is + "`loss` simple, and this one has vlb; give another `output`");
    EXPECT_EQ(sentence(R"({"loss":"simple","batch":2})"),
              is + "`batch` none, and this one has 2; give another `output`");
    EXPECT_EQ(sentence("{}"), is + "`loss` simple, and this one has none; give another `output`");
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
    EXPECT_EQ(sentence({.loss = "best"}), "`loss` best: give one of simple, step, vlb, min-snr, balanced");
    EXPECT_EQ(sentence({.caption_dropout = 2}), "`caption_dropout` 2: give a number from 0 to 1");
}

}  // namespace
}  // namespace easel::train
