// FreeU, against diffusers.
#include "networks/freeu.h"

#include <algorithm>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <openvino/op/parameter.hpp>

#include <easel/easel.h>

#include "pipeline/prompt_cases.h"
#include "runtime/compiled_network.h"
#include "support/files.h"
#include "support/stages.h"

namespace easel {
namespace {

using testing::adapters;
using testing::golden;

TEST(LowFrequencies, AreWeighedAsByTheirTransform) {
    const SafetensorsFile expected(adapters + "freeu_filter.safetensors");
    Runtime runtime({.precision = "f32"});
    for (const auto& [height, width] : {std::pair{8, 8}, std::pair{5, 7}}) {
        const std::string name = fmt::format("freeu.filter.{}x{}.", height, width);
        const auto x = std::make_shared<ov::op::v0::Parameter>(ov::element::f32, ov::PartialShape{1, 3, -1, -1});
        const auto model = std::make_shared<ov::Model>(ov::OutputVector{nn::with_weighed_low_frequencies(x, 0.2)},
                                                       ov::ParameterVector{x});
        model->reshape(ov::PartialShape{1, 3, height, width});
        CompiledNetwork network = runtime.compile(model, {}, "", {});
        std::ranges::copy(testing::values_of<float>(expected, name + "input"), network.input(0).begin());
        EXPECT_LE(testing::greatest_difference(network.run({}), testing::values_of<float>(expected, name + "output")),
                  1e-5F)
            << name;
    }
}

Request freeu_request_of(const nlohmann::json& fields) {
    Request request = testing::prompt_request_of(fields);
    const auto& freeu = fields.at("freeu");
    request.freeu = FreeU{freeu.at("b1"), freeu.at("b2"), freeu.at("s1"), freeu.at("s2")};
    return request;
}

TEST(FreeUPictures, AreTheReferences) {
    Engine engine({.model = golden + "tiny/diffusers", .precision = "f32"});
    for (const auto& fields : testing::cases_of("freeu_cases.json")) {
        const Result result = engine.generate(freeu_request_of(fields));
        EXPECT_GE(testing::psnr(result.picture, testing::expected_picture_of(fields)), 45.0);
        testing::expect_says(result.parameters, {"FreeU: \"1.3,1.4,0.9,0.2\""});
    }
}

TEST(FreeUPictures, OfAModelWhoseUNetIsFixedAreRefused) {
    Engine engine({.model = golden + "tiny/ir-2022", .precision = "f32"});
    Request request{.prompt = "a fox", .freeu = FreeU{1.3, 1.4, 0.9, 0.2}};
    testing::expect_says(testing::sentence_of([&] { engine.generate(request); }), {"`freeu`", "leave it out"});
}

}  // namespace
}  // namespace easel
