// What an Engine keeps between pictures, and how it is limited and stopped.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <easel/easel.h>

#include "base/process.h"
#include "pipeline/cases.h"
#include "settings/stored_settings.h"
#include "support/files.h"

namespace easel {
namespace {

using testing::golden;
using testing::psnr;
using testing::sentence_of;

const std::string tiny_folder = golden + "tiny/diffusers";

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

Request ddim_request() {
    return {.prompt = "a red fox", .width = 64, .height = 64, .num_inference_steps = 2, .seed = 7, .sampler = "ddim"};
}

/// Not of one colour, so that it is another picture at another `shade`.
Picture ramp_picture(std::uint8_t shade) {
    Picture picture{64, 64, std::vector<std::uint8_t>(std::size_t{3} * 64 * 64)};
    for (std::size_t i = 0; i < picture.pixels.size(); ++i)
        picture.pixels[i] = static_cast<std::uint8_t>(shade + i / 97);
    return picture;
}

Request from_ramp(std::uint8_t shade) {
    Request request = ddim_request();
    request.init_image = ramp_picture(shade);
    return request;
}

std::vector<std::uint8_t> drawn_alone(const Request& request, const EngineOptions& options) {
    return Engine(options).generate(request).picture.pixels;
}

TEST(Engine, EncodesTheSamePromptsOnce) {
    const EngineOptions options{.model = tiny_folder, .precision = "f32"};
    Engine engine(options);
    Stages stages;
    engine.generate(ddim_request(), stages.callbacks());
    EXPECT_EQ(stages.begun(Stage::text), 1);

    Request next = ddim_request();
    next.seed = 8;
    const Picture second = engine.generate(next, stages.callbacks()).picture;
    EXPECT_EQ(stages.begun(Stage::text), 0);
    EXPECT_EQ(second.pixels, drawn_alone(next, options));

    for (auto change :
         {+[](Request& request) { request.prompt = "a blue fox"; },
          +[](Request& request) { request.negative_prompt = "blurry"; },
          +[](Request& request) { request.clip_skip = 2; }, +[](Request& request) { request.guidance_scale = 1.0; }}) {
        Request other = next;
        change(other);
        const Picture changed = engine.generate(other, stages.callbacks()).picture;
        EXPECT_EQ(stages.begun(Stage::text), 1);
        EXPECT_EQ(changed.pixels, drawn_alone(other, options));
        engine.generate(next);
    }
}

TEST(Engine, EncodesTheSameInitPictureOnce) {
    const EngineOptions options{.model = tiny_folder, .precision = "f32"};
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

TEST(Engine, SaysHowManyPredictionsAStepCacheLeavesOut) {
    const EngineOptions options{.model = tiny_folder, .precision = "f32"};
    Request request = ddim_request();
    request.num_inference_steps = 20;
    request.step_cache = 3.0;
    std::string notes;
    const Result result =
        Engine(options).generate(request, {.note = [&](const std::string& sentence) { notes += sentence + "\n"; }});
    EXPECT_NE(notes.find(" of 20 predictions were left out"), notes.npos) << notes;
    EXPECT_EQ(notes.find("`step_cache`: 0 of"), notes.npos) << notes;
    EXPECT_NE(result.parameters.find("Step cache: 3"), result.parameters.npos) << result.parameters;
    EXPECT_EQ(result.steps_run, 20);

    request.step_cache = 1e-9;
    const Picture computed = Engine(options).generate(request).picture;
    request.step_cache = 0.0;
    EXPECT_EQ(computed.pixels, drawn_alone(request, options));
    EXPECT_NE(computed.pixels, result.picture.pixels);
}

TEST(Engine, OutsideOfItsIntervalGuidanceIsOff) {
    const EngineOptions options{.model = tiny_folder, .precision = "f32"};
    for (const char* prompt : {"a red fox", "a red fox AND a blue bird"}) {
        SCOPED_TRACE(prompt);
        Request request = ddim_request();
        request.prompt = prompt;
        request.num_inference_steps = 4;
        const Picture guided = Engine(options).generate(request).picture;
        request.guidance_end = 1e-9;
        request.guidance_start = 0.0;
        const Result first_alone = Engine(options).generate(request);
        EXPECT_NE(first_alone.picture.pixels, guided.pixels);
        EXPECT_NE(first_alone.parameters.find("Guidance end: 1e-09"), std::string::npos) << first_alone.parameters;

        request.guidance_end = 1.0;
        request.guidance_start = 0.99;
        const Picture never = Engine(options).generate(request).picture;
        request.guidance_start = 0.0;
        request.guidance_scale = 1.0;
        EXPECT_GT(psnr(never, Engine(options).generate(request).picture), 70.0);
    }
}

TEST(Engine, StepsOutsideOfTheGuidanceIntervalHaveOneRow) {
    // 3 of 6 steps are guided: the same as guidance with a ControlNet of no effect, which keeps all rows.
    const EngineOptions options{.model = tiny_folder, .precision = "f32"};
    Request request = ddim_request();
    request.num_inference_steps = 6;
    request.guidance_start = 0.3;
    request.guidance_end = 0.7;
    const Picture drawn = Engine(options).generate(request).picture;
    Request with_all_rows = request;
    with_all_rows.controls = {{.model = golden + "adapters/controlnet/edges", .picture = drawn, .scale = 0.0}};
    EXPECT_GT(psnr(drawn, Engine(options).generate(with_all_rows).picture), 70.0);

    Engine limited({.model = tiny_folder, .precision = "f32", .max_memory = held_memory_bytes() + 2'000'000'000});
    EXPECT_EQ(limited.generate(request).picture.pixels, drawn.pixels);
}

TEST(Engine, APictureByAPresetIsDrawnAgainFromWhatIsStored) {
    Engine engine({.model = tiny_folder, .precision = "f32"});
    Request request = ddim_request();
    request.num_inference_steps = 20;
    request.preset = Preset::fast;
    const Result drawn = engine.generate(request);
    testing::expect_says(drawn.parameters, {"Preset: fast, Step cache: 0.3"});
    Request again = parse_parameters(drawn.parameters, "settings").request;
    EXPECT_EQ(engine.generate(again).picture.pixels, drawn.picture.pixels);
    request.preset = Preset::exact;
    EXPECT_NE(engine.generate(request).picture.pixels, drawn.picture.pixels);
}

TEST(Engine, CompilesOnceForAKey) {
    Engine engine({.model = tiny_folder, .precision = "f32"});
    Stages stages;
    engine.generate(ddim_request(), stages.callbacks());
    EXPECT_EQ(stages.begun(Stage::compile), 1);
    engine.generate(ddim_request(), stages.callbacks());
    EXPECT_EQ(stages.begun(Stage::compile), 0);
    Request wider = ddim_request();
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
    Engine mixed({.model = tiny_folder, .precision = "bf16", .vae_precision = "f32"});
    Engine plain({.model = tiny_folder, .precision = "bf16"});
    const Result in_f32 = mixed.generate(ddim_request()), in_bf16 = plain.generate(ddim_request());
    EXPECT_EQ(mixed.precision(), "bf16");
    EXPECT_EQ(in_f32.latents.values, in_bf16.latents.values);
    EXPECT_NE(in_f32.picture.pixels, in_bf16.picture.pixels);
}

TEST(Engine, VaePrecisionThatTheDeviceLacksIsRefused) {
    EXPECT_NE(sentence_of([] { Engine({.model = tiny_folder, .vae_precision = "f8"}); }).find("`vae_precision` f8"),
              std::string::npos);
}

Request large_fox() {
    Request request = ddim_request();
    request.width = request.height = 128;
    return request;
}

/// An engine that may take so many megabytes beside what the process holds, and has drawn `request`; none if they are
/// too few.
std::optional<Engine> engine_within(double megabytes, const Request& request) {
    try {
        Engine engine({.model = tiny_folder,
                       .precision = "f32",
                       .max_memory = held_memory_bytes() + static_cast<std::uint64_t>(megabytes * 1e6)});
        engine.generate(request);
        return engine;
    } catch (const Error& error) {
        EXPECT_EQ(error.field(), "max_memory");
        return std::nullopt;
    }
}

TEST(Engine, DrawsTheSameUnderTheLeastMemoryLimitThatWillDo) {
    const auto expected = drawn_alone(large_fox(), {.model = tiny_folder, .precision = "f32"});
    // By halving: how much the process holds besides is not known exactly.
    double too_few = 2, enough = 1000;
    std::optional<Engine> engine = engine_within(enough, large_fox());
    ASSERT_TRUE(engine);
    while (enough / too_few > 1.1) {
        const double between = std::sqrt(too_few * enough);
        std::optional<Engine> other = engine_within(between, large_fox());
        (other ? enough : too_few) = between;
        if (other) engine = std::move(other);
    }
    Stages stages;
    EXPECT_EQ(engine->generate(large_fox(), stages.callbacks()).picture.pixels, expected);
    EXPECT_EQ(stages.begun(Stage::text), 0);  // the text is kept, even if its network is not
}

TEST(Engine, LimitThatOneNetworkAloneDoesNotFitInIsRefusedWithAnEstimate) {
    Engine engine(
        {.model = tiny_folder, .precision = "f32", .max_memory = held_memory_bytes() + (std::uint64_t{64} << 20)});
    Request large = ddim_request();
    large.width = large.height = 2048;
    const std::string sentence = sentence_of([&] { engine.generate(large); });
    EXPECT_NE(sentence.find("`max_memory`"), std::string::npos) << sentence;
    EXPECT_NE(sentence.find("takes about"), std::string::npos) << sentence;
    EXPECT_NE(sentence_of([] { Engine({.model = tiny_folder, .max_memory = 1000}); }).find("`max_memory` 1000"),
              std::string::npos);
}

TEST(Engine, RefusesABadRequestBeforeItComputesAnything) {
    Engine engine({.model = tiny_folder});
    Stages stages;
    Request mask_alone = ddim_request();
    mask_alone.mask = Mask{.width = 1, .height = 1, .pixels = {255}};
    Request narrow = ddim_request(), odd = ddim_request(), of_no_step = from_ramp(0);
    narrow.width = 0;
    odd.width = 100;
    of_no_step.strength = 0.0;
    for (const auto& [request, sentence] : std::initializer_list<std::pair<const Request&, const char*>>{
             {narrow, "`width` 0: give a whole number from 1 to 4096"},
             {odd, "`width` 100: the model needs a multiple of 8; the nearest are 96 and 104"},
             {mask_alone, "`mask`: it needs the picture that it belongs to; give that as `init_image`"},
             {of_no_step, "`strength` 0: of 2 steps none would be taken; give a greater strength or more steps"}}) {
        EXPECT_EQ(sentence_of([&, &refused = request] { engine.generate(refused, stages.callbacks()); }), sentence);
        EXPECT_EQ(sentence_of([&, &refused = request] { engine.parameters(refused); }), sentence);
    }
    for (const Stage stage : {Stage::compile, Stage::text, Stage::encode, Stage::denoise})
        EXPECT_EQ(stages.begun(stage), 0);
}

TEST(Engine, StopsBeforeItOpensAndWhileItCompiles) {
    std::stop_source stopped;
    stopped.request_stop();
    EXPECT_THROW(Engine({.model = tiny_folder}, {}, stopped.get_token()), Cancelled);

    Engine engine({.model = tiny_folder, .precision = "f32"});
    std::stop_source stop;
    std::jthread impatient;
    const Callbacks at_compilation{.progress = [&](const Progress& progress) {
        if (progress.stage != Stage::compile) return;
        impatient = std::jthread([&stop] {
            std::this_thread::sleep_for(std::chrono::milliseconds(30));
            stop.request_stop();
        });
    }};
    EXPECT_THROW(engine.generate(ddim_request(), at_compilation, stop.get_token()), Cancelled);
    EXPECT_EQ(engine.generate(ddim_request()).picture.pixels,
              drawn_alone(ddim_request(), {.model = tiny_folder, .precision = "f32"}));
}

/// The latents of the previews of `request`, and its picture.
struct Watched {
    std::map<int, std::vector<float>> clean;
    Picture last;
    Result result;
};

Watched watch(Engine& engine, const Request& request, int every) {
    Watched watched;
    const Callbacks callbacks{.progress =
                                  [&](const Progress& progress) {
                                      if (!progress.preview) return;
                                      EXPECT_EQ(progress.stage, Stage::denoise);
                                      watched.clean[progress.step] = progress.preview->latents.values;
                                      watched.last = progress.preview->picture;
                                  },
                              .preview_every = every};
    watched.result = engine.generate(request, callbacks);
    return watched;
}

double rms_difference(const std::vector<float>& a, const std::vector<float>& b) {
    double sum = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += std::pow(a.at(i) - b.at(i), 2);
    return std::sqrt(sum / static_cast<double>(a.size()));
}

const std::string emoji = "../models/emoji";

Request rocket(const std::string& sampler) {
    return {.prompt = "rocket", .num_inference_steps = 20, .seed = 7, .sampler = sampler};
}

class Previews : public ::testing::TestWithParam<std::string> {};

TEST_P(Previews, ComeCloserToThePictureAndChangeNothingInIt) {
    Engine engine({.model = emoji, .precision = "f32"});
    const Request request = rocket(GetParam());
    const Watched watched = watch(engine, request, 3);
    const auto& drawn = watched.result.latents.values;
    ASSERT_GE(watched.clean.size(), 4u);
    for (const auto& [step, clean] : watched.clean) {
        EXPECT_EQ(step % 3, 0);
        EXPECT_EQ(clean.size(), drawn.size());
    }
    const double first = rms_difference(watched.clean.begin()->second, drawn);
    const double last = rms_difference(watched.clean.rbegin()->second, drawn);
    EXPECT_LT(last, first / 2);
    EXPECT_LT(last, 0.3);
    EXPECT_EQ(watched.last.width, 16);
    EXPECT_EQ(watched.last.height, 16);
    EXPECT_EQ(watched.last.pixels.size(), 3u * 16 * 16);
    EXPECT_EQ(watched.result.picture.pixels, engine.generate(request).picture.pixels);
}

TEST_P(Previews, AreWhatFinishingThereReturns) {
    Engine engine({.model = emoji, .precision = "f32"});
    const Request request = rocket(GetParam());
    const Watched watched = watch(engine, request, 1);
    std::stop_source finish;
    Callbacks callbacks{.progress =
                            [&](const Progress& progress) {
                                if (progress.stage == Stage::denoise && progress.step == 5) finish.request_stop();
                            },
                        .finish = finish.get_token()};
    const Result finished = engine.generate(request, callbacks);
    EXPECT_EQ(finished.steps_run, 6);
    EXPECT_EQ(finished.steps, watched.result.steps);
    EXPECT_EQ(finished.latents.values, watched.clean.at(6));
    EXPECT_NE(finished.parameters.find(", Steps run: 6"), std::string::npos);
    EXPECT_EQ(watched.result.steps_run, watched.result.steps);
    EXPECT_EQ(watched.result.parameters.find("Steps run"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(, Previews, ::testing::Values("ddim", "euler", "dpmpp_2m", "pndm", "heun"),
                         [](const auto& sampler) { return sampler.param; });

TEST(FinishedEarly, KeepsWhatTheMaskKeeps) {
    Engine engine({.model = tiny_folder, .precision = "f32"});
    Request request = from_ramp(0);
    request.num_inference_steps = 8;
    request.mask = Mask{64, 64, std::vector<std::uint8_t>(std::size_t{64} * 64, 0)};
    std::fill_n(request.mask->pixels.begin(), 64 * 32, std::uint8_t{255});
    std::stop_source finish;
    finish.request_stop();
    const Result finished = engine.generate(request, {.finish = finish.get_token()});
    EXPECT_EQ(finished.steps_run, 1);
    const auto& expected = request.init_image->pixels;
    EXPECT_TRUE(
        std::equal(expected.begin() + 3 * 64 * 32, expected.end(), finished.picture.pixels.begin() + 3 * 64 * 32));
}

TEST(Engine, DescribesItsModel) {
    const ModelInfo info = Engine({.model = emoji, .precision = "f32"}).info();
    EXPECT_EQ(info.name, "emoji");
    EXPECT_EQ(info.family, "Stable Diffusion 1.x");
    EXPECT_EQ(info.layout, "diffusers folder");
    EXPECT_EQ(info.native_width, 128);
    EXPECT_EQ(info.native_height, 128);
    EXPECT_FALSE(info.fixed_size);
    EXPECT_EQ(info.prediction_type, "epsilon");
    EXPECT_EQ(info.precision, "f32");
    EXPECT_GT(info.weight_bytes, 1'000'000u);
    EXPECT_GT(info.num_inference_steps, 0);
    EXPECT_TRUE(Engine({.model = golden + "tiny/ir-2022"}).info().fixed_size);
}

}  // namespace
}  // namespace easel
