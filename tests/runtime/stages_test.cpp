// The networks of the tiny model, computed in f32, against what PyTorch gives for the same weights.
#include "support/stages.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "networks/unet.h"
#include "pipeline/open_networks.h"
#include "runtime/denoiser.h"
#include "runtime/text_encoder.h"
#include "runtime/vae.h"
#include "weights/checkpoint.h"

namespace easel {
namespace {

const char* const folder = "golden/tiny/diffusers";
const char* const single_file = "golden/tiny/single/tiny.safetensors";

using testing::conditioning;
using testing::greatest_difference;
using testing::stage;
using testing::stages;
using testing::values_of;

/// Each test runs on both layouts of the same model.
class Stages : public ::testing::TestWithParam<const char*> {
  protected:
    ModelNetworks networks = open_networks(GetParam());
    Runtime runtime{{.precision = "f32"}};
};

TEST_P(Stages, TextEncoderAgreesAtEveryClipSkip) {
    const auto ids = stage<std::int64_t>("text.ids");
    for (const int left_out : {0, 1, 2}) {
        TextEncoder encoder(runtime, networks.text_encoder, {left_out + 1});
        const auto expected = stage<float>(fmt::format("text.clip_skip_{}", left_out));
        const std::size_t row = expected.size() / 4;
        for (std::size_t prompt = 0; prompt < 4; ++prompt) {
            const std::vector<int> prompt_ids(ids.begin() + 77 * static_cast<long>(prompt),
                                              ids.begin() + 77 * static_cast<long>(prompt + 1));
            EXPECT_LE(greatest_difference(encoder.encode(prompt_ids, TextEncoder::State::skipped, {}),
                                          std::span(expected).subspan(prompt * row, row)),
                      1e-4f)
                << "prompt " << prompt << ", " << left_out << " layers left out";
        }
    }
}

TEST_P(Stages, SinusoidsAgree) {
    const auto timesteps = stage<std::int64_t>("unet.time.timesteps");
    const auto expected = stage<float>("unet.time.sinusoid");
    const auto width = static_cast<int>(expected.size() / timesteps.size());
    for (std::size_t i = 0; i < timesteps.size(); ++i) {
        const auto row =
            std::span(expected).subspan(i * static_cast<std::size_t>(width), static_cast<std::size_t>(width));
        EXPECT_LE(greatest_difference(timestep_sinusoid(static_cast<double>(timesteps[i]), width), row), 1e-4f)
            << timesteps[i];
    }
}

/// Halving some of these leaves a remainder. Layouts differ in names alone, so one size is enough for the second.
std::vector<LatentSize> latent_sizes(const std::string& model) {
    if (model == single_file) return {{9, 7}};
    return {{8, 8}, {9, 7}, {9, 11}, {12, 8}, {5, 6}};
}

TEST_P(Stages, UNetAgreesAtSizesThatDoNotHalveEvenly) {
    for (const auto [height, width] : latent_sizes(GetParam())) {
        const std::string name = fmt::format("unet.{}x{}", height, width);
        if (!stages().tensors().contains(name + ".sample")) continue;
        Denoiser denoiser(runtime, networks.unet, {.latents = {height, width}, .rows = 1});
        const auto samples = stage<float>(name + ".sample");
        const auto context = stage<float>("unet.context");
        int compared = 0;
        for (const std::string timestep : {"1", "500", "981", "637.25"}) {
            if (!stages().tensors().contains(fmt::format("{}.t{}.output", name, timestep))) continue;
            const auto expected = stage<float>(fmt::format("{}.t{}.output", name, timestep));
            for (std::size_t row = 0; row < 2; ++row) {
                const auto of_row = [&](const std::vector<float>& all) {
                    return std::span(all).subspan(row * all.size() / 2, all.size() / 2);
                };
                denoiser.condition(conditioning(of_row(context), 1));
                EXPECT_LE(greatest_difference(denoiser.predict(of_row(samples), std::stod(timestep), 0, {}),
                                              of_row(expected)),
                          1e-3f)
                    << name << " t " << timestep << " row " << row;
                ++compared;
            }
        }
        EXPECT_GE(compared, 6) << name;
    }
}

TEST_P(Stages, UNetGivesForTwoRowsOfTextWhatItGivesForEach) {
    const auto context = stage<float>("unet.context");
    const auto samples = stage<float>("unet.9x7.sample");
    const auto sample = std::span(samples).first(samples.size() / 2);
    Denoiser both(runtime, networks.unet, {.latents = {9, 7}, .rows = 2});
    both.condition(conditioning(context, 2));
    const auto predicted = both.predict(sample, 500, 0, {});
    Denoiser single(runtime, networks.unet, {.latents = {9, 7}, .rows = 1});
    for (std::size_t row = 0; row < 2; ++row) {
        single.condition(conditioning(std::span(context).subspan(row * context.size() / 2, context.size() / 2), 1));
        EXPECT_LE(greatest_difference(single.predict(sample, 500, 0, {}),
                                      predicted.subspan(row * sample.size(), sample.size())),
                  1e-5f);
    }
}

TEST_P(Stages, VaeAgrees) {
    for (const auto [height, width] : latent_sizes(GetParam())) {
        const std::string name = fmt::format("vae.{}x{}", height, width);
        if (!stages().tensors().contains(name + ".latents")) continue;
        VaeDecoder decoder(runtime, networks.vae_decoder, {height, width});
        EXPECT_LE(
            greatest_difference(decoder.decode(stage<float>(name + ".latents"), {}), stage<float>(name + ".decoded")),
            1e-3f)
            << name;
        VaeEncoder encoder(runtime, networks.vae_encoder, {height, width});
        EXPECT_LE(
            greatest_difference(encoder.encode(stage<float>(name + ".picture"), {}), stage<float>(name + ".moments")),
            1e-3f)
            << name;
    }
}

/// UNets of shapes that the tiny model does not have.
class UNetShapes : public ::testing::TestWithParam<const char*> {};

TEST_P(UNetShapes, AgreeWithOneRowOfTextAndWithTwo) {
    const std::string name = GetParam();
    Checkpoint checkpoint = Checkpoint::open(folder);
    checkpoint.unet = open_unet("golden/unets/" + name);
    const ModelNetworks networks = networks_of(std::move(checkpoint));
    EXPECT_EQ(networks.facts.notes, std::vector<std::string>{});
    const SafetensorsFile reference("golden/unets/expected.safetensors");
    const auto sample = values_of<float>(reference, name + ".sample");
    const auto text = values_of<float>(reference, name + ".text");
    const auto expected = values_of<float>(reference, name + ".output");

    Runtime runtime{{.precision = "f32"}};
    for (const int rows : {1, 2}) {
        Denoiser denoiser(runtime, networks.unet, {.latents = {9, 7}, .rows = rows});
        const std::size_t part = static_cast<std::size_t>(rows);
        denoiser.condition(conditioning(std::span(text).first(text.size() / 2 * part), rows));
        EXPECT_LE(greatest_difference(denoiser.predict(sample, 637, 0, {}),
                                      std::span(expected).first(expected.size() / 2 * part)),
                  1e-3f)
            << rows << " rows";
    }
}

INSTANTIATE_TEST_SUITE_P(, UNetShapes,
                         ::testing::Values("plain_middle", "no_middle", "unequal_levels", "unequal_transformers"),
                         [](const auto& shape) { return std::string(shape.param); });

TEST(GreatestDifference, SeesWhatIsNoNumberWhereverItStands) {
    const std::vector<float> sound = {1, 2, 3};
    EXPECT_EQ(greatest_difference(std::vector<float>{1, 2.5f, 3}, sound), 0.5f);
    EXPECT_EQ(greatest_difference(std::vector<float>{1, NAN, 3}, sound), INFINITY);
    EXPECT_EQ(greatest_difference(std::vector<float>{1, 2}, sound), INFINITY);
}

INSTANTIATE_TEST_SUITE_P(, Stages, ::testing::Values(folder, single_file),
                         [](const auto& layout) { return std::string(layout.index == 0 ? "Folder" : "SingleFile"); });

}  // namespace
}  // namespace easel
