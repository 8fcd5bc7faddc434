// What an Engine keeps between pictures, and how it is limited and stopped.
#include <chrono>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <easel/easel.h>

#include "base/process.h"
#include "pipeline/cases.h"
#include "pipeline/open_networks.h"
#include "runtime/memory_estimate.h"
#include "support/files.h"

namespace easel {
namespace {

using testing::golden;
using testing::sentence_of;

const std::string tiny = golden + "tiny/diffusers";

/// How often each stage was begun.
class Stages {
  public:
    Callbacks callbacks() {
        return {.progress = [this](const Progress& progress) {
            if (progress.step == 0) ++begun_[progress.stage];
        }};
    }
    int begun(Stage stage) { return std::exchange(begun_[stage], 0); }

  private:
    std::map<Stage, int> begun_;
};

Request fox() {
    return {.prompt = "a red fox", .width = 64, .height = 64, .num_inference_steps = 2, .seed = 7, .sampler = "ddim"};
}

/// Not of one colour, so that it is another picture at another `shade`.
Picture ramp(std::uint8_t shade) {
    Picture picture{64, 64, std::vector<std::uint8_t>(std::size_t{3} * 64 * 64)};
    for (std::size_t i = 0; i < picture.pixels.size(); ++i)
        picture.pixels[i] = static_cast<std::uint8_t>(shade + i / 97);
    return picture;
}

Request from_ramp(std::uint8_t shade) {
    Request request = fox();
    request.init_image = ramp(shade);
    return request;
}

std::vector<std::uint8_t> drawn_alone(const Request& request, const EngineOptions& options) {
    return Engine(options).generate(request).picture.pixels;
}

TEST(Engine, EncodesTheSamePromptsOnce) {
    const EngineOptions options{.model = tiny, .precision = "f32"};
    Engine engine(options);
    Stages stages;
    engine.generate(fox(), stages.callbacks());
    EXPECT_EQ(stages.begun(Stage::text), 1);

    Request next = fox();
    next.seed = 8;
    const Picture second = engine.generate(next, stages.callbacks()).picture;
    EXPECT_EQ(stages.begun(Stage::text), 0);
    EXPECT_EQ(second.pixels, drawn_alone(next, options));

    for (auto change : {+[](Request& request) { request.prompt = "a blue fox"; },
                        +[](Request& request) { request.negative_prompt = "blurry"; },
                        +[](Request& request) { request.clip_skip = 2; },
                        +[](Request& request) { request.guidance_scale = 1.0; }}) {
        Request other = next;
        change(other);
        const Picture changed = engine.generate(other, stages.callbacks()).picture;
        EXPECT_EQ(stages.begun(Stage::text), 1);
        EXPECT_EQ(changed.pixels, drawn_alone(other, options));
        engine.generate(next);
    }
}

TEST(Engine, EncodesTheSameInitPictureOnce) {
    const EngineOptions options{.model = tiny, .precision = "f32"};
    Engine engine(options);
    Stages stages;
    engine.generate(from_ramp(0), stages.callbacks());
    EXPECT_EQ(stages.begun(Stage::encode), 1);
    Request again = from_ramp(0);
    again.seed = 8;
    const Picture second = engine.generate(again, stages.callbacks()).picture;
    EXPECT_EQ(stages.begun(Stage::encode), 0);
    EXPECT_EQ(second.pixels, drawn_alone(again, options));
    const Picture third = engine.generate(from_ramp(1), stages.callbacks()).picture;
    EXPECT_EQ(stages.begun(Stage::encode), 1);
    EXPECT_EQ(third.pixels, drawn_alone(from_ramp(1), options));
}

TEST(Engine, CompilesOnceForAKey) {
    Engine engine({.model = tiny, .precision = "f32"});
    Stages stages;
    engine.generate(fox(), stages.callbacks());
    EXPECT_EQ(stages.begun(Stage::compile), 1);
    engine.generate(fox(), stages.callbacks());
    EXPECT_EQ(stages.begun(Stage::compile), 0);
    Request wider = fox();
    wider.width = 72;
    engine.generate(wider, stages.callbacks());
    EXPECT_EQ(stages.begun(Stage::compile), 1);
    engine.generate(from_ramp(0), stages.callbacks());  // the UNet's size of before, and the encoder
    EXPECT_EQ(stages.begun(Stage::compile), 1);
}

TEST(Engine, VaeMayHaveAPrecisionOfItsOwn) {
    const auto precisions = devices().front().precisions;
    if (std::ranges::find(precisions, "bf16") == precisions.end())
        GTEST_SKIP() << "this device does not compute in bf16";
    Engine mixed({.model = tiny, .precision = "bf16", .vae_precision = "f32"});
    Engine plain({.model = tiny, .precision = "bf16"});
    const Result in_f32 = mixed.generate(fox()), in_bf16 = plain.generate(fox());
    EXPECT_EQ(mixed.precision(), "bf16");
    EXPECT_EQ(in_f32.latents.values, in_bf16.latents.values);
    EXPECT_NE(in_f32.picture.pixels, in_bf16.picture.pixels);
}

TEST(Engine, VaePrecisionThatTheDeviceLacksIsRefused) {
    EXPECT_NE(sentence_of([] { Engine({.model = tiny, .vae_precision = "f8"}); }).find("`vae_precision` f8"),
              std::string::npos);
}

/// What each network of the tiny model takes for 64 x 64 pixels.
std::vector<std::uint64_t> estimates() {
    const ModelNetworks networks = open_networks(tiny);
    const Runtime runtime({.precision = "f32"});
    return {estimated_memory(runtime, networks.text_encoder, {}),
            estimated_memory(runtime, networks.unet, UNetKey{.latents = {8, 8}, .rows = 2}),
            estimated_memory(runtime, networks.vae_decoder, {8, 8})};
}

TEST(Engine, DrawsTheSameWithSoLittleMemoryThatNetworksTakeTurns) {
    const EngineOptions options{.model = tiny, .precision = "f32"};
    const auto expected = drawn_alone(fox(), options);
    EngineOptions limited = options;
    // The program itself grows a little meanwhile.
    limited.max_memory = held_memory_bytes() + std::ranges::max(estimates()) + (std::uint64_t{4} << 20);
    Engine engine(limited);
    Stages stages;
    EXPECT_EQ(engine.generate(fox(), stages.callbacks()).picture.pixels, expected);
    EXPECT_EQ(stages.begun(Stage::compile), 3);
    EXPECT_EQ(engine.generate(fox(), stages.callbacks()).picture.pixels, expected);
    EXPECT_GT(stages.begun(Stage::compile), 0);
    EXPECT_EQ(stages.begun(Stage::text), 1);  // of the first picture: the text is kept, its network is not
}

TEST(Engine, LimitThatOneNetworkAloneDoesNotFitInIsRefusedWithAnEstimate) {
    Engine engine({.model = tiny, .precision = "f32", .max_memory = held_memory_bytes() + (std::uint64_t{64} << 20)});
    Request large = fox();
    large.width = large.height = 2048;
    const std::string sentence = sentence_of([&] { engine.generate(large); });
    EXPECT_NE(sentence.find("`max_memory`"), std::string::npos) << sentence;
    EXPECT_NE(sentence.find("takes about"), std::string::npos) << sentence;
    EXPECT_NE(sentence_of([] { Engine({.model = tiny, .max_memory = 1000}); }).find("`max_memory` 1000"),
              std::string::npos);
}

TEST(Engine, StopsBeforeItOpensAndWhileItCompiles) {
    std::stop_source stopped;
    stopped.request_stop();
    EXPECT_THROW(Engine({.model = tiny}, {}, stopped.get_token()), Cancelled);

    Engine engine({.model = tiny, .precision = "f32"});
    std::stop_source stop;
    const Callbacks at_compilation{.progress = [&](const Progress& progress) {
        if (progress.stage == Stage::compile) stop.request_stop();
    }};
    EXPECT_THROW(engine.generate(fox(), at_compilation, stop.get_token()), Cancelled);
    EXPECT_EQ(engine.generate(fox()).picture.pixels, drawn_alone(fox(), {.model = tiny, .precision = "f32"}));
}

}  // namespace
}  // namespace easel
