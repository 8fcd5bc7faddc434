// The networks of small models of other families, computed in f32, against what PyTorch gives for the same weights.
#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "runtime/denoiser.h"
#include "runtime/network_source.h"
#include "runtime/text_encoder.h"
#include "support/families.h"
#include "support/files.h"
#include "support/stages.h"
#include "weights/checkpoint.h"

namespace easel {
namespace {

using testing::conditioning;
using testing::families;
using testing::greatest_difference;
using testing::TemporaryFolder;
using testing::values_of;
using testing::whole_model;

constexpr float limit = 1e-4f;

/// A part of the values, of `count` equal ones.
std::span<const float> part_of(const std::vector<float>& values, std::size_t index, std::size_t count) {
    const std::size_t size = values.size() / count;
    return std::span(values).subspan(index * size, size);
}

/// One of two rows; empty where there is no such tensor.
std::vector<float> values_of_row(const SafetensorsFile& stages, const std::string& name, std::size_t row) {
    if (!stages.tensors().contains(name)) return {};
    const auto values = values_of<float>(stages, name);
    const auto part = part_of(values, row, 2);
    return {part.begin(), part.end()};
}

/// The guidance scales that the rows of a latent consistency model are given.
constexpr double guidance_scales[] = {1.0, 8.5};

/// Gives how many outputs of the UNet were compared.
int expect_unet_agrees(const ModelNetworks& networks, const SafetensorsFile& stages, Runtime& runtime) {
    int compared = 0;
    const auto context = values_of<float>(stages, "unet.context");
    for (const LatentSize size : {LatentSize{8, 8}, {9, 7}, {16, 12}}) {
        const std::string name = fmt::format("unet.{}x{}", size.height, size.width);
        if (!stages.tensors().contains(name + ".sample")) continue;
        Denoiser denoiser(runtime, networks.unet, {.latents = size});
        const auto samples = values_of<float>(stages, name + ".sample");
        for (const std::string timestep : {"1", "500", "999", "637.25"}) {
            const std::string output = fmt::format("{}.t{}.output", name, timestep);
            if (!stages.tensors().contains(output)) continue;
            const auto expected = values_of<float>(stages, output);
            for (std::size_t row = 0; row < 2; ++row) {
                const auto sample = part_of(samples, row, 2);
                const std::size_t latents = expected.size() / 2;
                Conditioning of_row = conditioning(part_of(context, row, 2), 1);
                of_row.guidance_scale = guidance_scales[row];
                of_row.more_channels = {sample.begin() + static_cast<std::ptrdiff_t>(latents), sample.end()};
                of_row.pooled = values_of_row(stages, "unet.text_embeds", row);
                of_row.size_ids = values_of_row(stages, "unet.time_ids", row);
                denoiser.condition(of_row);
                EXPECT_LE(greatest_difference(denoiser.predict(sample.first(latents), std::stod(timestep), 0, {}),
                                              part_of(expected, row, 2)),
                          limit)
                    << output << " row " << row;
                ++compared;
            }
        }
    }
    return compared;
}

TEST(FamilyStages, OfStableDiffusion2Agree) {
    const TemporaryFolder folder;
    const ModelNetworks networks = networks_of(Checkpoint::open(whole_model("sd2_v.safetensors", folder)));
    const SafetensorsFile stages(families + "stages/sd2_v.safetensors");
    Runtime runtime({.precision = "f32"});
    const auto ids = values_of<std::int64_t>(stages, "text.ids");
    const auto expected = values_of<float>(stages, "text.last_hidden_state");
    TextEncoder encoder(runtime, networks.text_encoder, {});
    for (std::size_t prompt = 0; prompt < 4; ++prompt) {
        const auto begin = ids.begin() + static_cast<std::ptrdiff_t>(prompt * 77);
        const std::vector<int> row(begin, begin + 77);
        EXPECT_LE(greatest_difference(encoder.encode(row, TextEncoder::State::last, {}), part_of(expected, prompt, 4)),
                  limit)
            << prompt;
    }
    EXPECT_EQ(expect_unet_agrees(networks, stages, runtime), 20);
}

TEST(FamilyStages, OfTheRefinerAgree) {
    const TemporaryFolder folder;
    const ModelNetworks networks = networks_of(Checkpoint::open(whole_model("sdxl_refiner", folder)));
    const SafetensorsFile stages(families + "stages/sdxl_refiner.safetensors");
    Runtime runtime({.precision = "f32"});
    const auto ids = values_of<std::int64_t>(stages, "text_2.ids");
    const auto penultimate = values_of<float>(stages, "text_2.penultimate");
    const auto pooled = values_of<float>(stages, "text_2.text_embeds");
    TextEncoder encoder(runtime, networks.text_encoder, {});
    for (std::size_t prompt = 0; prompt < 4; ++prompt) {
        const auto begin = ids.begin() + static_cast<std::ptrdiff_t>(prompt * 77);
        const std::vector<int> row(begin, begin + 77);
        EXPECT_LE(
            greatest_difference(encoder.encode(row, TextEncoder::State::last, {}), part_of(penultimate, prompt, 4)),
            limit)
            << prompt;
        const auto end = static_cast<std::size_t>(std::ranges::max_element(row) - row.begin());
        EXPECT_LE(greatest_difference(encoder.pooled(end, 77), part_of(pooled, prompt, 4)), limit) << prompt;
    }
    EXPECT_EQ(expect_unet_agrees(networks, stages, runtime), 14);
}

}  // namespace
}  // namespace easel
