// The refiner of Stable Diffusion XL, by itself and in the last steps of another model, against diffusers.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <easel/easel.h>

#include "base/process.h"
#include "pictures/read.h"
#include "pipeline/family_cases.h"
#include "settings/stored_settings.h"

namespace easel {
namespace {

namespace fs = std::filesystem;

using testing::EditableTensors;
using testing::expect_says;
using testing::families;
using testing::family_cases;
using testing::psnr;
using testing::request_of_case;
using testing::sentence_of;
using testing::TemporaryFolder;
using testing::whole_model;

/// Both models in a folder that is there as long as the tests of this file run.
struct Models {
    TemporaryFolder folder;
    fs::path xl = whole_model("sdxl.safetensors", folder);
    fs::path refiner = whole_model("sdxl_refiner", folder);
};

const Models& models() {
    static const Models both;
    return both;
}

EngineOptions both() { return {.model = models().xl, .precision = "f32", .refiner = models().refiner}; }

Request request_to_refine() {
    return {.prompt = "a red fox in the snow!",
            .width = 64,
            .height = 64,
            .num_inference_steps = 5,
            .guidance_scale = 3.0,
            .seed = 7,
            .sampler = "euler",
            .schedule = "discrete"};
}

Request from_picture() {
    Request request = request_to_refine();
    request.init_image = read_picture(families + "inputs/init_64x64.png");
    request.strength = 0.8;
    return request;
}

/// A request, and what is told about it.
struct Told {
    Result result;
    std::vector<std::string> notes;
    std::vector<Progress> steps;

    bool has_note(const std::string& part) const {
        return std::ranges::any_of(notes, [&](const auto& note) { return note.find(part) != std::string::npos; });
    }
};

Told draw(Engine& engine, const Request& request) {
    Told told;
    told.result = engine.generate(request, {.progress =
                                                [&](const Progress& progress) {
                                                    if (progress.stage == Stage::denoise)
                                                        told.steps.push_back(progress);
                                                },
                                            .note = [&](const std::string& note) { told.notes.push_back(note); }});
    return told;
}

TEST(Refiner, DrawsAsDiffusersDoesAloneAndAfterAnotherModel) {
    Engine alone({.model = models().refiner, .precision = "f32"});
    Engine after(both());
    Engine xl_twice({.model = models().xl, .precision = "f32", .refiner = models().xl});
    const auto cases = family_cases("sdxl_refiner");
    EXPECT_EQ(cases.size(), 7u);
    for (const nlohmann::json& fields : cases) {
        const bool goes_on = fields.contains("init_latents");
        Engine& engine = !goes_on ? alone : fields.at("model") == "sdxl" ? xl_twice : after;
        Request request = request_of_case(fields);
        if (goes_on) request.refiner_at = fields.at("denoising_start").get<double>();
        const std::string expected = fields.at("expected");
        EXPECT_GE(psnr(engine.generate(request).picture, read_picture(families + expected)), 45.0) << expected;
    }
}

TEST(Refiner, OfASingleFileDrawsTheSameWithAndWithoutItsConfigs) {
    const TemporaryFolder folder;
    const fs::path file = folder / "refiner.safetensors";
    write_single_file(Checkpoint::open(models().refiner), file, OutputFile::IfExists::refuse);
    Request request = from_picture();
    request.sampler = request.schedule = std::nullopt;
    request.scheduler_config = families + "schedulers/sdxl_euler.json";
    Engine engine({.model = models().refiner, .precision = "f32"});
    const auto pixels = engine.generate(request).picture.pixels;
    EXPECT_EQ(Engine({.model = file, .precision = "f32"}).generate(request).picture.pixels, pixels);
    EditableTensors tensors(file);
    EXPECT_EQ(tensors["conditioner.embedders.0.model.text_projection"].shape.size(), 2u);
    tensors.metadata.clear();
    tensors.write(folder / "without.safetensors");
    EXPECT_EQ(Engine({.model = folder / "without.safetensors", .precision = "f32"}).info().family,
              "Stable Diffusion XL refiner");
    EXPECT_EQ(Engine({.model = folder / "without.safetensors", .precision = "f32"}).generate(request).picture.pixels,
              pixels);
}

TEST(Refiner, IsToldSizesAndScores) {
    Engine engine({.model = models().refiner, .precision = "f32"});
    const auto usual = engine.generate(from_picture()).picture.pixels;
    Request request = from_picture();
    request.aesthetic_score = 6.0;
    request.negative_aesthetic_score = 2.5;
    EXPECT_EQ(engine.generate(request).picture.pixels, usual);
    request.negative_aesthetic_score = 8.0;
    const Told told = draw(engine, request);
    EXPECT_NE(told.result.picture.pixels, usual);
    expect_says(told.result.parameters, {"Aesthetic score: 6, Negative aesthetic score: 8"});
    Request again = parse_parameters(told.result.parameters, "here").request;
    again.init_image = request.init_image;
    EXPECT_EQ(engine.generate(again).picture.pixels, told.result.picture.pixels);
    request = from_picture();
    request.negative_crop = "8,0";
    EXPECT_NE(engine.generate(request).picture.pixels, usual);
    request = from_picture();
    request.target_size = "512x512";
    EXPECT_EQ(engine.generate(request).picture.pixels, usual) << "it is told the score in its place";
}

TEST(Refiner, DrawsFromTextAloneWithANote) {
    Engine engine({.model = models().refiner, .precision = "f32"});
    const Told told = draw(engine, request_to_refine());
    EXPECT_EQ(told.result.steps, 5);
    EXPECT_TRUE(told.has_note("is a refiner, made to finish"));
    EXPECT_FALSE(draw(engine, from_picture()).has_note("is a refiner"));
}

TEST(Refiner, TakesPromptsOfAnyLengthAndWeights) {
    Engine engine({.model = models().refiner, .precision = "f32"});
    Request request = from_picture();
    const auto plain = engine.generate(request).picture.pixels;
    request.prompt = "a (red:1.4) fox in the snow!";
    EXPECT_NE(engine.generate(request).picture.pixels, plain);
    for (int i = 0; i < 100; ++i) request.prompt += " snow";
    EXPECT_NE(engine.generate(request).picture.pixels, plain);
    request = from_picture();
    request.clip_skip = 2;
    EXPECT_NE(engine.generate(request).picture.pixels, plain);
}

TEST(Refiner, CountsItsStepsWithThoseBeforeIt) {
    Engine engine(both());
    Request request = request_to_refine();
    request.refiner_at = 0.6;
    const Told told = draw(engine, request);
    EXPECT_EQ(told.result.steps, 5);
    EXPECT_EQ(told.result.steps_run, 5);
    int last = 0;
    for (const Progress& progress : told.steps) {
        EXPECT_EQ(progress.steps, 5);
        EXPECT_GE(progress.step, last);
        EXPECT_LE(progress.step, last + 1);
        last = progress.step;
    }
    EXPECT_EQ(last, 5);
}

TEST(Refiner, IsStoredAndLeftOutAtOne) {
    Engine engine(both()), alone({.model = models().xl, .precision = "f32"});
    const Result usual = engine.generate(request_to_refine());
    expect_says(usual.parameters, {"Refiner: sdxl_refiner, Refiner switch at: 0.8"});
    const StoredSettings stored = parse_parameters(usual.parameters, "here");
    EXPECT_EQ(stored.request.refiner_at, 0.8);
    EXPECT_TRUE(stored.notes.empty());
    EXPECT_EQ(engine.generate(stored.request).picture.pixels, usual.picture.pixels);
    Request request = request_to_refine();
    request.refiner_at = 1.0;
    const Result without = engine.generate(request);
    EXPECT_EQ(without.parameters.find("Refiner"), std::string::npos);
    EXPECT_EQ(without.picture.pixels, alone.generate(request_to_refine()).picture.pixels);
    EXPECT_EQ(engine.generate(parse_parameters(without.parameters, "here").request).picture.pixels,
              without.picture.pixels);
    EXPECT_NE(usual.picture.pixels, without.picture.pixels);
    request.refiner_at = 0.5;
    EXPECT_TRUE(draw(alone, request).has_note("`refiner_at` has no effect without `refiner`"));
}

TEST(Refiner, GoesOnWithPicturesAndUnderMasks) {
    Engine engine(both());
    Request request = from_picture();
    request.refiner_at = 0.6;
    const Result drawn = engine.generate(request);
    EXPECT_EQ(drawn.steps, 4);
    const Picture& init = *request.init_image;
    request.mask = read_mask(families + "inputs/mask_64x64.png");
    const Picture repainted = engine.generate(request).picture;
    std::size_t kept = 0, changed = 0;
    for (std::size_t i = 0; i < request.mask->pixels.size(); ++i) {
        const bool is_same = std::equal(&init.pixels[3 * i], &init.pixels[3 * i] + 3, &repainted.pixels[3 * i]);
        kept += request.mask->pixels[i] == 0 && is_same;
        changed += request.mask->pixels[i] == 255 && !is_same;
    }
    EXPECT_EQ(kept, static_cast<std::size_t>(std::ranges::count(request.mask->pixels, 0)));
    EXPECT_GT(changed, 500u);
}

TEST(Refiner, EndsTheSecondOfTwoPasses) {
    Engine engine(both());
    Request request = request_to_refine();
    request.hires = "96x80";
    request.refiner_at = 0.8;
    const Told told = draw(engine, request);
    EXPECT_EQ(told.result.picture.width, 96);
    EXPECT_EQ(told.result.steps, 10);
    EXPECT_EQ(told.result.steps_run, 10);
    expect_says(told.result.parameters, {"Hires resize: 96x80", "Refiner switch at: 0.8"});
    request.refiner_at = 1.0;
    EXPECT_NE(engine.generate(request).picture.pixels, told.result.picture.pixels);
}

TEST(Refiner, IsLeftOutWhereTheFirstModelIsToFinish) {
    Engine engine(both());
    Request request = request_to_refine();
    request.refiner_at = 0.4;
    const auto finished_after = [&](int step) {
        std::stop_source finish;
        return engine.generate(request, {.progress =
                                             [&](const Progress& progress) {
                                                 if (progress.stage == Stage::denoise && progress.step == step)
                                                     finish.request_stop();
                                             },
                                         .finish = finish.get_token()});
    };
    // The first model takes 2 of 5 steps. At its last one it is asked for what it predicts, not for noise.
    const Result early = finished_after(1);
    EXPECT_EQ(early.steps_run, 2);
    expect_says(early.parameters, {"Steps run: 2"});
    EXPECT_EQ(finished_after(2).steps_run, 3) << "once the refiner has begun, it finishes";
}

TEST(Refiner, TakesTurnsWithTheOtherModelWhereMemoryIsLimited) {
    Engine engine(both());
    const auto expected = engine.generate(request_to_refine()).picture.pixels;
    EngineOptions options = both();
    options.max_memory = held_memory_bytes() + std::uint64_t{2'000'000'000};
    Engine limited(options);
    for (int i = 0; i < 2; ++i) EXPECT_EQ(limited.generate(request_to_refine()).picture.pixels, expected);
}

TEST(Refiner, DrawsWithoutWhatIsForTheOtherModel) {
    Engine engine(both());
    Request request = request_to_refine();
    request.freeu = FreeU{.b1 = 1.2, .b2 = 1.3, .s1 = 0.9, .s2 = 0.8};
    EXPECT_TRUE(draw(engine, request).has_note("draws its part without the FreeU"));
    EXPECT_FALSE(draw(engine, request).has_note("draws its part without")) << "told once";
}

TEST(Refiner, ThatCannotBeOneIsNamed) {
    const TemporaryFolder folder;
    const auto refusal = [&](const fs::path& refiner) {
        return sentence_of([&] { Engine({.model = models().xl, .refiner = refiner}); });
    };
    expect_says(refusal("no such file"), {"`refiner` no such file", "no such file or folder"});
    expect_says(refusal(whole_model("sd2_v.safetensors", folder)),
                {"`refiner`", "a Stable Diffusion 2.x model", "cannot go on with the latents"});
    EXPECT_NE(sentence_of([&] {
                  Engine({.model = whole_model("lcm", folder), .refiner = whole_model("sd15_inpaint", folder)});
              }).find("is an inpainting model"),
              std::string::npos);
}

TEST(Refiner, NeedsAStepAndLeavesOne) {
    Engine engine(both());
    const auto refusal = [&](double at, int steps, std::optional<double> end = {}) {
        Request request = request_to_refine();
        request.num_inference_steps = steps;
        request.refiner_at = at;
        request.denoising_end = end;
        return sentence_of([&] { engine.parameters(request); });
    };
    expect_says(refusal(0.0, 5), {"`refiner_at` 0", "above 0 and up to 1"});
    expect_says(refusal(0.0001, 5), {"`refiner_at` 0.0001", "none would be left for the model before it"});
    expect_says(refusal(0.8, 5, 0.7), {"`refiner_at` 0.8", "none would be left for the refiner"});
    Request request = from_picture();
    request.strength = 0.2;
    request.refiner_at = 0.5;
    expect_says(sentence_of([&] { engine.parameters(request); }), {"`refiner_at` 0.5", "model before it"});
}

TEST(DenoisingEnd, LeavesNoiseInPicturesOfAnyFamily) {
    const TemporaryFolder folder;
    Engine engine({.model = testing::golden + "tiny/diffusers", .precision = "f32"});
    for (const std::string sampler : {"euler", "heun", "pndm", "dpmpp_2m"}) {
        Request request{
            .prompt = "a fox", .num_inference_steps = 6, .seed = 1, .sampler = sampler, .denoising_end = 0.5};
        const Result ended = engine.generate(request);
        EXPECT_EQ(ended.steps, ended.steps_run);
        expect_says(ended.parameters, {"Denoising end: 0.5"});
        EXPECT_EQ(engine.generate(parse_parameters(ended.parameters, "here").request).picture.pixels,
                  ended.picture.pixels);
        request.denoising_end.reset();
        EXPECT_NE(engine.generate(request).picture.pixels, ended.picture.pixels);
    }
}

TEST(DenoisingEnd, MustLeaveAStep) {
    Engine engine({.model = testing::golden + "tiny/diffusers"});
    const auto refusal = [&](double end, int steps) {
        const Request request{.prompt = "a fox", .num_inference_steps = steps, .denoising_end = end};
        return sentence_of([&] { engine.parameters(request); });
    };
    for (const double wrong : {0.0, 1.0, -0.5, 2.0, std::nan("")})
        expect_says(refusal(wrong, 5), {"`denoising_end`", "above 0 and below 1"});
    expect_says(refusal(0.001, 5), {"`denoising_end` 0.001", "none would be taken"});
}

}  // namespace
}  // namespace easel
