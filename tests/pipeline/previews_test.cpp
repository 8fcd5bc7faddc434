// Previews that a tiny autoencoder decodes, while the picture is decoded by the model's own VAE.
#include "pipeline/previews.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <easel/easel.h>

#include "base/process.h"
#include "pipeline/cases.h"
#include "support/families.h"
#include "support/files.h"

namespace easel {
namespace {

namespace fs = std::filesystem;

using testing::EditableTensors;
using testing::expect_says;
using testing::families;
using testing::golden;
using testing::sentence_of;
using testing::TemporaryFolder;

const std::string model = golden + "tiny/diffusers";
const std::string preview_decoder = families + "taesd/taesd_decoder.safetensors";

EngineOptions previewing(const fs::path& taesd = preview_decoder) {
    return {.model = model, .precision = "f32", .preview_taesd = taesd};
}

Request fox_request() {
    return {.prompt = "a red fox", .width = 64, .height = 72, .num_inference_steps = 4, .seed = 7, .sampler = "euler"};
}

/// What is told while a picture is drawn, and the picture.
struct WatchedPreviews {
    std::map<int, Picture> previews;
    std::vector<std::string> notes;
    Result result;
    bool has_note(const std::string& part) const {
        return std::ranges::any_of(notes,
                                   [&](const std::string& note) { return note.find(part) != std::string::npos; });
    }
};

WatchedPreviews watch_previews(Engine& engine, const Request& request) {
    WatchedPreviews watched;
    watched.result = engine.generate(request, {.progress =
                                                   [&](const Progress& progress) {
                                                       if (progress.preview)
                                                           watched.previews[progress.step] = progress.preview->picture;
                                                   },
                                               .note = [&](const std::string& note) { watched.notes.push_back(note); },
                                               .preview_every = 1});
    return watched;
}

/// The picture that the engine makes of what it predicts at that step.
Picture finished_at(Engine& engine, const Request& request, int step) {
    std::stop_source finish;
    if (step == 1) finish.request_stop();
    return engine
        .generate(request, {.progress =
                                [&](const Progress& progress) {
                                    if (progress.stage == Stage::denoise && progress.step == step - 1)
                                        finish.request_stop();
                                },
                            .finish = finish.get_token()})
        .picture;
}

TEST(DecodedPreviews, AreWhatTheTinyAutoencoderMakesOfTheSameLatents) {
    Engine engine(previewing());
    Engine tiny({.model = model, .precision = "f32", .taesd = preview_decoder});
    const WatchedPreviews watched = watch_previews(engine, fox_request());
    ASSERT_EQ(watched.previews.size(), 4u);
    for (int step = 1; step <= 3; ++step)
        EXPECT_EQ(watched.previews.at(step), finished_at(tiny, fox_request(), step)) << "step " << step;
    // The last prediction is what this sampler ends with, up to rounding.
    EXPECT_GT(testing::psnr(watched.previews.at(4), tiny.generate(fox_request()).picture), 60.0);
}

TEST(DecodedPreviews, ChangeNothingInThePicture) {
    Engine engine(previewing()), plain({.model = model, .precision = "f32"});
    const WatchedPreviews watched = watch_previews(engine, fox_request());
    const Result expected = plain.generate(fox_request());
    EXPECT_EQ(watched.result.picture, expected.picture);
    EXPECT_EQ(watched.result.latents.values, expected.latents.values);
    EXPECT_EQ(watched.result.parameters, expected.parameters);
    EXPECT_EQ(engine.info().vae, "");
    EXPECT_EQ(engine.generate(fox_request()).picture, expected.picture) << "where nobody watches";
    EXPECT_EQ(watch_previews(plain, fox_request()).previews.at(1).width, 8) << "a pixel for each latent";
}

TEST(DecodedPreviews, HaveTheSizeOfThePassThatTheyShow) {
    EngineOptions options = previewing();
    options.refiner = model;
    Engine engine(options);
    Request request = fox_request();
    request.hires = "96x80";
    request.refiner_at = 0.5;
    const WatchedPreviews watched = watch_previews(engine, request);
    EXPECT_EQ(watched.previews.begin()->second.width, 64);
    EXPECT_EQ(watched.previews.begin()->second.height, 72);
    // The refiner's.
    EXPECT_EQ(watched.previews.rbegin()->first, watched.result.steps);
    EXPECT_EQ(watched.previews.rbegin()->second.width, 96);
    EXPECT_EQ(watched.previews.rbegin()->second.height, 80);
}

TEST(DecodedPreviews, AreMadeWithinALimitOfMemory) {
    Engine engine(previewing());
    const WatchedPreviews expected = watch_previews(engine, fox_request());
    EngineOptions options = previewing();
    std::string refusal;
    // From too little for the UNet up to enough for it and the decoder.
    for (double megabytes = 2;; megabytes *= 1.02) {
        ASSERT_LT(megabytes, 1000);
        options.max_memory = held_memory_bytes() + static_cast<std::uint64_t>(megabytes * 1e6);
        try {
            Engine limited(options);
            for (int i = 0; i < 2; ++i) {
                const WatchedPreviews watched = watch_previews(limited, fox_request());
                EXPECT_EQ(watched.result.picture, expected.result.picture);
                EXPECT_EQ(watched.previews, expected.previews);
            }
            break;
        } catch (const Error& error) {
            EXPECT_EQ(error.field(), "max_memory");
            if (std::string(error.what()).find("preview_taesd") != std::string::npos) refusal = error.what();
        }
    }
    expect_says(refusal, {"the UNet and the decoder of `preview_taesd` take about", "GB together at this size"});
}

TEST(DecodedPreviews, OfAnAutoencoderThatDoesNotFitAreRefused) {
    const TemporaryFolder folder;
    const auto refusal = [](const fs::path& taesd) { return sentence_of([&] { Engine(previewing(taesd)); }); };
    expect_says(refusal("no such file"), {"`preview_taesd` no such file", "no such file or folder"});
    expect_says(refusal(golden + "tiny/single/tiny.safetensors"),
                {"a Stable Diffusion 1.x model", "a tiny VAE (TAESD) is expected"});
    expect_says(refusal(families + "taesd/taesd_encoder.safetensors"), {"encoder", "give its decoder"});
    EditableTensors tensors(preview_decoder);
    tensors.remove("1.weight");
    tensors.add("1.weight", {8, 16, 3, 3});
    tensors.write(folder / "taesd3_decoder.safetensors");
    expect_says(refusal(folder / "taesd3_decoder.safetensors"),
                {"`preview_taesd`", "taesd3_decoder.safetensors", "have 16 channels", "the model's have 4",
                 "do not belong together"});
}

TEST(DecodedPreviews, ThatAreNoNumbersAreBlackAndThePictureIsDrawn) {
    const TemporaryFolder folder;
    EditableTensors tensors(preview_decoder);
    // Halves that are all NaN.
    std::vector<std::byte> bytes(tensors["19.bias"].bytes.size(), std::byte{0xFF});
    tensors["19.bias"].bytes = bytes;
    tensors.write(folder / "taesd_decoder.safetensors");
    Engine engine(previewing(folder / "taesd_decoder.safetensors")), plain({.model = model, .precision = "f32"});
    const WatchedPreviews watched = watch_previews(engine, fox_request());
    EXPECT_EQ(watched.previews.at(1).pixels, std::vector<std::uint8_t>(std::size_t{3} * 64 * 72, 0));
    EXPECT_TRUE(watched.has_note("`preview_taesd` decodes is not a number"));
    EXPECT_EQ(watched.result.picture, plain.generate(fox_request()).picture);
    EXPECT_FALSE(watch_previews(engine, fox_request()).has_note("preview_taesd")) << "told once";
}

}  // namespace
}  // namespace easel
