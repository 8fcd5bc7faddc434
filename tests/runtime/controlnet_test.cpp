// A ControlNet of the tiny model, and the UNet with what it gives, against what PyTorch gives for the same weights.
#include "runtime/controlnet.h"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "pipeline/open_networks.h"
#include "runtime/denoiser.h"
#include "support/families.h"
#include "support/files.h"
#include "support/stages.h"
#include "weights/checkpoint.h"

namespace easel {
namespace {

using testing::conditioning;
using testing::greatest_difference;

constexpr LatentSize size = {.height = 9, .width = 7};
constexpr std::size_t residuals = 10;

std::vector<float> stage(const std::string& name) {
    static const SafetensorsFile file("golden/adapters/control_stages.safetensors");
    return testing::values_of<float>(file, name);
}

std::vector<float> stage_of_net(const std::string& name) { return stage("control.edges.9x7." + name); }

std::vector<float> expected_residual(std::size_t index) {
    return stage_of_net(index + 1 == residuals ? "mid" : fmt::format("down_{}", index));
}

std::span<const float> row_of(const std::vector<float>& all, std::size_t row) {
    return std::span(all).subspan(row * all.size() / 2, all.size() / 2);
}

ControlNetNetworks edges() {
    std::vector<std::string> notes;
    ControlNetNetworks networks = networks_of(open_controlnet("golden/adapters/controlnet/edges", notes), 77, notes);
    EXPECT_EQ(notes, std::vector<std::string>{});
    return networks;
}

class ControlNetStages : public ::testing::TestWithParam<bool> {
  protected:
    Runtime runtime{{.precision = "f32", .plain_networks = GetParam()}};
};

TEST_P(ControlNetStages, AgreeForEachRow) {
    const ControlNetNetworks networks = edges();
    ControlNet net(runtime, networks, {.latents = size, .rows = 1});
    net.follow(stage_of_net("picture"), {});
    ASSERT_EQ(net.residual_count(), residuals);
    const auto samples = stage_of_net("sample"), context = stage("control.context");
    for (std::size_t row = 0; row < 2; ++row) {
        net.condition(conditioning(row_of(context, row), 1));
        net.predict(row_of(samples, row), 500, {});
        for (std::size_t index = 0; index < residuals; ++index)
            EXPECT_LE(greatest_difference(net.residual(index), row_of(expected_residual(index), row)), 1e-3F)
                << index << " of row " << row;
    }
}

TEST_P(ControlNetStages, OfTheUNetAgree) {
    const ModelNetworks model = open_networks("golden/tiny/diffusers");
    Denoiser denoiser(runtime, model.unet, {.latents = size, .rows = 1, .takes_residuals = true});
    const auto samples = stage_of_net("sample"), context = stage("control.context"), expected = stage_of_net("unet");
    for (std::size_t row = 0; row < 2; ++row) {
        denoiser.condition(conditioning(row_of(context, row), 1));
        for (std::size_t index = 0; index < residuals; ++index) {
            const std::vector<float> residual = expected_residual(index);
            ASSERT_EQ(denoiser.residual(index).size(), residual.size() / 2);
            std::ranges::copy(row_of(residual, row), denoiser.residual(index).begin());
        }
        EXPECT_LE(greatest_difference(denoiser.predict(row_of(samples, row), 500, 0, {}), row_of(expected, row)), 1e-3F)
            << row;
    }
}

TEST_P(ControlNetStages, WithoutResidualsTheUNetIsThePlainOne) {
    const ModelNetworks model = open_networks("golden/tiny/diffusers");
    const auto samples = stage_of_net("sample"), context = stage("control.context");
    std::vector<std::vector<float>> predicted;
    for (const bool takes_residuals : {false, true}) {
        Denoiser denoiser(runtime, model.unet, {.latents = size, .rows = 2, .takes_residuals = takes_residuals});
        denoiser.condition(conditioning(context, 2));
        if (takes_residuals)
            for (std::size_t index = 0; index < residuals; ++index) std::ranges::fill(denoiser.residual(index), 0.0F);
        const auto values = denoiser.predict(row_of(samples, 0), 500, 0, {});
        predicted.emplace_back(values.begin(), values.end());
    }
    EXPECT_LE(greatest_difference(predicted[0], predicted[1]), 1e-5F);
}

std::vector<float> xl_stage(const std::string& name) {
    static const SafetensorsFile file("golden/xl_controls/stages.safetensors");
    return testing::values_of<float>(file, name);
}

/// Two rows of text, with what is added to it.
Conditioning xl_conditioning() {
    Conditioning both = conditioning(xl_stage("context"), 2);
    both.pooled = xl_stage("pooled");
    both.size_ids = xl_stage("time_ids");
    return both;
}

ControlNetNetworks xl_edges() {
    std::vector<std::string> notes;
    ControlNetNetworks networks = networks_of(open_controlnet("golden/xl_controls/edges", notes), 77, notes);
    EXPECT_EQ(notes, std::vector<std::string>{});
    return networks;
}

constexpr std::size_t xl_residuals = 10;

std::vector<float> expected_xl_residual(std::size_t index) {
    return xl_stage(index + 1 == xl_residuals ? "mid" : fmt::format("down_{}", index));
}

TEST_P(ControlNetStages, OfStableDiffusionXlAgree) {
    const ControlNetNetworks networks = xl_edges();
    ControlNet net(runtime, networks, {.latents = size, .rows = 2});
    net.follow(xl_stage("picture"), {});
    ASSERT_EQ(net.residual_count(), xl_residuals);
    net.condition(xl_conditioning());
    net.predict(xl_stage("sample"), 500, {});
    for (std::size_t index = 0; index < xl_residuals; ++index)
        EXPECT_LE(greatest_difference(net.residual(index), expected_xl_residual(index)), 1e-3F) << index;
}

TEST_P(ControlNetStages, OfStableDiffusionXlForThePromptAloneAreTheLastRows) {
    const ControlNetNetworks networks = xl_edges();
    ControlNet net(runtime, networks, {.latents = size, .rows = 1});
    net.follow(xl_stage("picture"), {});
    net.condition(xl_conditioning());
    net.predict(xl_stage("sample"), 500, {});
    for (std::size_t index = 0; index < xl_residuals; ++index) {
        const std::vector<float> expected = expected_xl_residual(index);
        EXPECT_LE(greatest_difference(net.residual(index), row_of(expected, 1)), 1e-3F) << index;
    }
}

TEST_P(ControlNetStages, OfTheUNetOfStableDiffusionXlAgree) {
    const testing::TemporaryFolder folder;
    const ModelNetworks model = open_networks(testing::whole_model("sdxl.safetensors", folder));
    Denoiser denoiser(runtime, model.unet, {.latents = size, .rows = 2, .takes_residuals = true});
    denoiser.condition(xl_conditioning());
    for (std::size_t index = 0; index < xl_residuals; ++index) {
        const std::vector<float> residual = expected_xl_residual(index);
        ASSERT_EQ(denoiser.residual(index).size(), residual.size());
        std::ranges::copy(residual, denoiser.residual(index).begin());
    }
    EXPECT_LE(greatest_difference(denoiser.predict(xl_stage("sample"), 500, 0, {}), xl_stage("unet")), 1e-3F);
}

INSTANTIATE_TEST_SUITE_P(, ControlNetStages, ::testing::Bool(),
                         [](const auto& plain) { return std::string(plain.param ? "Plain" : "Fast"); });

}  // namespace
}  // namespace easel
