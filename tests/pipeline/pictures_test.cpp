// Whole pictures of the tiny model, against those that diffusers draws from the same request.
#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <easel/easel.h>

#include "pictures/read.h"
#include "pipeline/cases.h"
#include "support/files.h"

namespace easel {
namespace {

using testing::expected_of;
using testing::golden;
using testing::psnr;
using testing::request_of;

/// The cases for which the same compiled networks serve: of one width, one height, with guidance or without.
using Group = std::tuple<int, int, bool>;

std::map<Group, std::vector<nlohmann::json>> groups() {
    std::map<Group, std::vector<nlohmann::json>> found;
    for (const auto& fields : nlohmann::json::parse(testing::read_file(golden + "cases.json")))
        found[{fields.at("width"), fields.at("height"), fields.at("guidance") > 1.0}].push_back(fields);
    return found;
}

/// Draws all cases of a group; gives how many pictures were compared.
int expect_group_agrees(const std::vector<nlohmann::json>& cases, const std::string& precision, double least_psnr) {
    Engine engine({.model = golden + "tiny/diffusers", .precision = precision});
    EXPECT_EQ(engine.precision(), precision);
    int compared = 0;
    for (const nlohmann::json& fields : cases) {
        Request request = request_of(fields);
        for (const std::string& name : expected_of(fields)) {
            const Picture expected = read_picture(golden + "pictures_expected/" + name.substr(name.find('/') + 1));
            EXPECT_GE(psnr(engine.generate(request).picture, expected), least_psnr) << name;
            ++*request.seed;
            ++compared;
        }
    }
    return compared;
}

class Pictures : public ::testing::TestWithParam<Group> {};

TEST_P(Pictures, AgreeWithDiffusersInF32) { EXPECT_GT(expect_group_agrees(groups().at(GetParam()), "f32", 45.0), 0); }

TEST_P(Pictures, AgreeRoughlyInBf16) {
    const auto precisions = devices().front().precisions;
    if (std::ranges::find(precisions, "bf16") == precisions.end())
        GTEST_SKIP() << "this device does not compute in bf16";
    EXPECT_GT(expect_group_agrees(groups().at(GetParam()), "bf16", 30.0), 0);
}

INSTANTIATE_TEST_SUITE_P(Sizes, Pictures,
                         ::testing::Values(Group{64, 64, true}, Group{64, 64, false}, Group{96, 64, true},
                                           Group{72, 88, true}, Group{88, 72, true}),
                         [](const auto& group) {
                             return std::to_string(std::get<0>(group.param)) + "x" +
                                    std::to_string(std::get<1>(group.param)) +
                                    (std::get<2>(group.param) ? "Guided" : "Unguided");
                         });

TEST(PictureCases, AreAllInAGroupThatIsDrawn) {
    std::size_t cases = 0;
    for (const auto& [group, members] : groups()) cases += members.size();
    EXPECT_EQ(cases, 81u);
    EXPECT_EQ(groups().size(), 5u);
}

// As of diffusers with ready latents from numpy.random.randn and a generator for the scheduler.
TEST(NumpyNoise, IsToBeginFromAndTorchsIsForTheStepsAsInDiffusers) {
    Engine engine({.model = golden + "tiny/diffusers", .precision = "f32"});
    const Result drawn = engine.generate({.prompt = "a red fox in the snow",
                                          .num_inference_steps = 3,
                                          .guidance_scale = 1.0,
                                          .seed = 3,
                                          .rng = Rng::numpy,
                                          .sampler = "lcm"});
    const std::vector<float> expected = {7.46101332f, 0.97873676f, 0.44560516f, -16.1754494f, 0.17281446f, 2.73284435f};
    for (std::size_t k = 0; k < expected.size(); ++k) EXPECT_NEAR(drawn.latents.values.at(k), expected[k], 5e-3) << k;
}

}  // namespace
}  // namespace easel
