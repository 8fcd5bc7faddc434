// Pictures of a small Stable Diffusion XL with ControlNets, against those of diffusers.
#include <filesystem>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <easel/easel.h>

#include "pictures/read.h"
#include "pipeline/cases.h"
#include "pipeline/family_cases.h"
#include "support/families.h"
#include "support/files.h"
#include "weights/checkpoint.h"
#include "weights/names.h"
#include "weights/safetensors.h"

namespace easel {
namespace {

namespace fs = std::filesystem;

using testing::expect_says;
using testing::golden;
using testing::sentence_of;
using testing::TemporaryFolder;
using testing::whole_model;

const std::string xl_controls = golden + "xl_controls/";
const std::string xl_edges = xl_controls + "edges";
const std::string edges_of_sd1 = golden + "adapters/controlnet/edges";

const fs::path& xl_model() {
    static const TemporaryFolder folder;
    static const fs::path path = whole_model("sdxl.safetensors", folder);
    return path;
}

Engine xl() { return Engine({.model = xl_model(), .precision = "f32"}); }

Request xl_request_of(const nlohmann::json& fields) {
    Request request = testing::request_of_case(fields);
    for (const auto& control : fields.at("controls"))
        request.controls.push_back({.model = xl_controls + control.at("model").get<std::string>(),
                                    .file = golden + control.at("image").get<std::string>(),
                                    .scale = control.at("scale"),
                                    .start = control.at("start"),
                                    .end = control.at("end")});
    request.guess_mode = fields.at("guess_mode");
    return request;
}

Request with_net(const fs::path& net) {
    return {.prompt = "a fox",
            .width = 64,
            .height = 64,
            .num_inference_steps = 4,
            .seed = 1,
            .sampler = "euler",
            .controls = {{.model = net, .file = golden + "inputs/lines_64x64.png"}}};
}

TEST(XlControls, DrawAsDiffusersDoes) {
    Engine engine = xl();
    const auto cases = nlohmann::json::parse(testing::read_file(xl_controls + "cases.json"));
    EXPECT_EQ(cases.size(), 8u);
    for (const auto& fields : cases) {
        const Picture drawn = engine.generate(xl_request_of(fields)).picture;
        const Picture expected = read_picture(xl_controls + fields.at("expected").get<std::string>());
        const double decibels = testing::psnr(drawn, expected);
        EXPECT_GE(decibels, 45.0) << fields.at("name");
        RecordProperty(fields.at("name").get<std::string>(), std::to_string(decibels));
    }
}

/// Writes the net as a single file under other names.
fs::path renamed_net(const fs::path& to, const std::string& prefix, bool is_original) {
    std::vector<std::string> notes;
    const NameTable names = original_controlnet_names(open_controlnet(xl_edges, notes).config);
    const SafetensorsFile file(xl_edges + "/diffusion_pytorch_model.safetensors");
    std::vector<TensorView> tensors;
    for (const auto& [name, tensor] : file.tensors()) {
        tensors.push_back(tensor);
        tensors.back().name = prefix + (is_original ? names.from_diffusers(name) : name);
    }
    write_safetensors(to, tensors);
    return to;
}

TEST(XlControls, InSingleFilesDrawTheSame) {
    const TemporaryFolder folder;
    Engine engine = xl();
    const auto expected = engine.generate(with_net(xl_edges)).latents.values;
    for (const auto& [name, prefix, is_original] :
         {std::tuple("bare.safetensors", "", true), std::tuple("prefixed.safetensors", "control_model.", true),
          std::tuple("diffusers.safetensors", "", false)})
        EXPECT_EQ(engine.generate(with_net(renamed_net(folder / name, prefix, is_original))).latents.values, expected)
            << name;
}

TEST(XlControls, FollowPromptsOfSeveralPartsAndLengths) {
    Engine engine = xl();
    for (const char* prompt : {"a fox AND a city", "a [fox:city:0.5] BREAK snow BREAK night"})
        for (const ControlMode mode : {ControlMode::balanced, ControlMode::control}) {
            Request request = with_net(xl_edges);
            request.prompt = prompt;
            request.negative_prompt = "fog";
            request.control_mode = mode;
            const auto controlled = engine.generate(request).latents.values;
            request.controls.clear();
            EXPECT_NE(engine.generate(request).latents.values, controlled) << prompt;
        }
}

TEST(XlControls, DrawTheSameWithALimitOfMemoryAndPlainNetworks) {
    const auto latents_with = [](EngineOptions options) {
        options.model = xl_model();
        options.precision = "f32";
        return Engine(options).generate(with_net(xl_edges)).latents.values;
    };
    const auto expected = latents_with({});
    EXPECT_EQ(latents_with({.max_memory = 4'000'000'000}), expected);
    const auto plain = latents_with({.plain_networks = true});
    for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(plain[i], expected[i], 1e-2) << i;
}

TEST(XlControls, AndThoseOfOtherFamiliesAreNotMistakenForEachOther) {
    Engine engine = xl();
    expect_says(sentence_of([&] { engine.generate(with_net(edges_of_sd1)); }),
                {"edges: is a ControlNet for Stable Diffusion 1.x or 2.x", "the model is a Stable Diffusion XL one",
                 "do not belong together"});
    Engine other({.model = golden + "tiny/diffusers"});
    expect_says(sentence_of([&] { other.generate(with_net(xl_edges)); }),
                {"edges: is a ControlNet for Stable Diffusion XL", "the model is a Stable Diffusion 1.x one",
                 "do not belong together"});
}

TEST(XlControls, ThatAreToldOtherSizesAreRefused) {
    const TemporaryFolder other;
    fs::copy(xl_edges, other.path(), fs::copy_options::recursive);
    auto config = nlohmann::json::parse(testing::read_file(xl_edges + "/config.json"));
    config["projection_class_embeddings_input_dim"] = 48;
    testing::write_file(other / "config.json", config.dump());
    Engine engine = xl();
    expect_says(sentence_of([&] { engine.generate(with_net(other.path())); }),
                {"another family", "48 numbers, 8 for each size", "the model 56, 8"});
}

}  // namespace
}  // namespace easel
