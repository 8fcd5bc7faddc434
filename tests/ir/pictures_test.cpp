// Whole pictures of the tiny model as OpenVINO IR that others exported, against those that diffusers draws.
#include <algorithm>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "pipeline/cases.h"
#include "support/files.h"

namespace easel {
namespace {

using nlohmann::json;
using testing::golden;

/// Those for which the same compiled networks serve lie side by side.
std::vector<json> cases() {
    auto all = json::parse(testing::read_file(golden + "cases.json")).get<std::vector<json>>();
    std::ranges::stable_sort(all, {}, [](const json& fields) {
        return std::tuple(fields.at("width").get<int>(), fields.at("height").get<int>(), fields.at("guidance") > 1.0);
    });
    return all;
}

/// Samplers that give fractional timesteps with linspace spacing, of which a UNet of whole timesteps sees the nearest.
bool has_fractional_timesteps(const json& fields) {
    const std::set<std::string> samplers = {"lms", "euler", "euler_a", "heun"};
    return samplers.contains(fields.at("sampler"));
}

bool takes_last_layer(const json& fields) { return fields.at("clip_skip") == 0; }

struct Compared {
    int exact = 0, rough = 0;
};

/// Draws the cases that `fits` with one engine.
template <typename Fits>
Compared expect_agreement(const std::string& model, bool whole_timesteps, Fits fits) {
    Engine engine({.model = golden + model, .precision = "f32"});
    Compared compared;
    for (const json& fields : cases()) {
        if (!fits(fields) || !takes_last_layer(fields)) continue;
        const bool rough = whole_timesteps && has_fractional_timesteps(fields);
        Request request = testing::request_of(fields);
        for (const std::string& name : testing::expected_of(fields)) {
            const Picture expected = read_picture(golden + "pictures_expected/" + name.substr(name.find('/') + 1));
            EXPECT_GE(testing::psnr(engine.generate(request).picture, expected), rough ? 30.0 : 45.0) << name;
            ++*request.seed;
            ++(rough ? compared.rough : compared.exact);
        }
    }
    return compared;
}

TEST(IrPictures, ThoseOfFixedSizeAgreeWithDiffusers) {
    const auto compared = expect_agreement("tiny/ir-2022", /*whole_timesteps=*/false, [](const json& fields) {
        return fields.at("width") == 64 && fields.at("height") == 64;
    });
    EXPECT_GE(compared.exact, 70);
}

TEST(IrPictures, ThoseOfAnySizeAgreeWithDiffusers) {
    const auto compared = expect_agreement("tiny/ir-optimum", /*whole_timesteps=*/true, [](const json& fields) {
        return fields.at("width").get<int>() % 32 == 0 && fields.at("height").get<int>() % 32 == 0;
    });
    EXPECT_GE(compared.exact, 40);
    EXPECT_GE(compared.rough, 20);
}

std::string refusal_to_draw(const std::string& model, const Request& request) {
    Engine engine({.model = golden + model, .precision = "f32"});
    return testing::sentence_of([&] { engine.generate(request); });
}

TEST(IrPictures, AnotherThanTheFixedSizeIsRefused) {
    EXPECT_EQ(refusal_to_draw("tiny/ir-2022", {.prompt = "a", .width = 96, .height = 64}),
              "`width`: this model's networks have a fixed size; it draws only 64x64");
    EXPECT_EQ(refusal_to_draw("tiny/ir-2022", {.prompt = "a", .width = 64, .height = 72}),
              "`height`: this model's networks have a fixed size; it draws only 64x64");
}

TEST(IrPictures, SizeThatAnExportedUNetCannotDoIsRefused) {
    const std::string sentence = refusal_to_draw("tiny/ir-optimum", {.prompt = "a", .width = 72, .height = 88});
    EXPECT_NE(sentence.find("multiples of 32"), std::string::npos) << sentence;
}

TEST(IrPictures, AnotherLayerOfTheTextEncoderIsRefused) {
    for (const char* model : {"tiny/ir-2022", "tiny/ir-optimum"})
        EXPECT_EQ(refusal_to_draw(model, {.prompt = "a", .clip_skip = 2}),
                  "`clip_skip` 2: this model's text encoder provides only its last layer; leave it out");
}

TEST(IrPictures, PictureOfAnySizeCanBeBegunFrom) {
    Engine fixed({.model = golden + "tiny/ir-2022", .precision = "f32"});
    Engine any({.model = golden + "tiny/ir-optimum", .precision = "f32"});
    const Request request{.prompt = "a",
                          .num_inference_steps = 4,
                          .seed = 1,
                          .init_image = read_picture(golden + "inputs/init_48x40.png"),
                          .strength = 0.5};
    for (Engine* engine : {&fixed, &any}) {
        const Picture drawn = engine->generate(request).picture;
        EXPECT_EQ(drawn.width, 48);
        EXPECT_EQ(drawn.height, 40);
    }
}

}  // namespace
}  // namespace easel
