// Pictures of the tiny model with ControlNets, against those of diffusers.
#include "pipeline/controls.h"

#include <array>
#include <cmath>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <easel/easel.h>

#include "pictures/read.h"
#include "pipeline/control_cases.h"
#include "support/files.h"
#include "weights/crafted.h"

namespace easel {
namespace {

using testing::adapters;
using testing::golden;
using testing::tiny_engine;

const std::string edges = adapters + "controlnet/edges";

Request with_control(Control control) {
    return {.prompt = "a fox",
            .width = 64,
            .height = 64,
            .num_inference_steps = 4,
            .seed = 1,
            .sampler = "euler",
            .controls = {std::move(control)}};
}

Control lines() { return {.model = edges, .file = golden + "inputs/lines_64x64.png"}; }

using Values = std::vector<float>;

TEST(ControlledPictures, AreTheReferences) {
    Engine engine = tiny_engine();
    const auto cases = testing::cases_of("control_cases.json");
    EXPECT_EQ(cases.size(), 9u);
    for (const auto& fields : cases) {
        const Picture drawn = engine.generate(testing::control_request_of(fields)).picture;
        EXPECT_GE(testing::psnr(drawn, testing::expected_picture_of(fields)), 45.0) << fields.at("name");
    }
}

TEST(ControlledPictures, AreOfTheFilesPixels) {
    Engine engine = tiny_engine();
    const Picture by_file = engine.generate(with_control(lines())).picture;
    Control pixels = lines();
    pixels.picture = read_picture(std::exchange(pixels.file, {}));
    EXPECT_EQ(engine.generate(with_control(pixels)).picture.pixels, by_file.pixels);
}

TEST(ControlledPictures, DependOnWhatIsFollowed) {
    Engine engine = tiny_engine();
    const Values of_lines = engine.generate(with_control(lines())).latents.values;
    Control other = lines();
    other.file = golden + "inputs/init_64x64.png";
    EXPECT_NE(engine.generate(with_control(other)).latents.values, of_lines);
    EXPECT_EQ(engine.generate(with_control(lines())).latents.values, of_lines);
    Request none = with_control(lines());
    none.controls.clear();
    const Values without = engine.generate(none).latents.values;
    EXPECT_NE(without, of_lines);
    Control weightless = lines();
    weightless.scale = 0.0;
    const Values of_zero = engine.generate(with_control(weightless)).latents.values;
    for (std::size_t i = 0; i < without.size(); ++i) EXPECT_NEAR(of_zero[i], without[i], 1e-4) << i;
}

TEST(ControlledPictures, OfANetForBlueGreenRedAreThoseOfTheTurnedPicture) {
    Engine engine = tiny_engine();
    const testing::TemporaryFolder turned;
    std::filesystem::copy(edges, turned.path(), std::filesystem::copy_options::recursive);
    auto config = nlohmann::json::parse(testing::read_file(edges + "/config.json"));
    config["controlnet_conditioning_channel_order"] = "bgr";
    testing::write_file(turned / "config.json", config.dump());
    Picture picture = read_picture(golden + "inputs/init_64x64.png");
    Control rgb{.model = edges, .picture = picture};
    for (std::size_t i = 0; i < picture.pixels.size(); i += 3) std::swap(picture.pixels[i], picture.pixels[i + 2]);
    const Control bgr{.model = turned.path(), .picture = picture};
    EXPECT_EQ(engine.generate(with_control(bgr)).latents.values, engine.generate(with_control(rgb)).latents.values);
}

TEST(ControlledPictures, OfTwoNetsAddUp) {
    Engine engine = tiny_engine();
    Control half = lines(), whole = lines();
    half.scale = 0.5;
    Request twice = with_control(half);
    twice.controls.push_back(half);
    const Values of_two = engine.generate(twice).latents.values;
    const Values of_one = engine.generate(with_control(whole)).latents.values;
    for (std::size_t i = 0; i < of_one.size(); ++i) EXPECT_NEAR(of_two[i], of_one[i], 1e-3) << i;
}

TEST(ControlledPictures, OfEachModeDiffer) {
    Engine engine = tiny_engine();
    std::vector<Values> drawn;
    for (const ControlMode mode : {ControlMode::balanced, ControlMode::prompt, ControlMode::control}) {
        Request request = with_control(lines());
        request.control_mode = mode;
        drawn.push_back(engine.generate(request).latents.values);
    }
    EXPECT_NE(drawn[0], drawn[1]);
    EXPECT_NE(drawn[1], drawn[2]);
    EXPECT_NE(drawn[0], drawn[2]);
    // Without guidance there is no negative prompt to leave out.
    Request prompt = with_control(lines());
    prompt.guidance_scale = 1.0;
    prompt.control_mode = ControlMode::prompt;
    const Values expected = engine.generate(prompt).latents.values;
    prompt.control_mode = ControlMode::control;
    EXPECT_EQ(engine.generate(prompt).latents.values, expected);
}

TEST(ControlledPictures, WithPromptsOfSeveralPartsAndLengthsAreDrawn) {
    Engine engine = tiny_engine();
    for (const char* prompt : {"a fox AND a city", "a fox BREAK snow", "a [fox:city:0.5] AND snow"})
        for (const ControlMode mode : {ControlMode::balanced, ControlMode::control}) {
            Request request = with_control(lines());
            request.prompt = prompt;
            request.control_mode = mode;
            EXPECT_EQ(engine.generate(request).steps_run, 4) << prompt;
        }
}

TEST(ControlledPictures, CompileNothingForOtherScalesWindowsModesAndPictures) {
    Engine engine = tiny_engine();
    const auto compilations = [&](const Request& request) {
        int count = 0;
        engine.generate(
            request, {.progress = [&](const Progress& now) { count += now.stage == Stage::compile && now.step == 0; }});
        return count;
    };
    EXPECT_EQ(compilations(with_control(lines())), 1);
    Control changed = lines();
    changed.file = golden + "inputs/init_64x64.png";
    changed.scale = 0.3;
    changed.end = 0.5;
    Request request = with_control(changed);
    request.control_mode = ControlMode::prompt;
    EXPECT_EQ(compilations(request), 0);
}

TEST(ControlledPictures, StoreHowTheyWereControlled) {
    const Engine engine = tiny_engine();
    Control control = lines();
    control.scale = 0.5;
    control.end = 0.75;
    Request request = with_control(control);
    request.control_mode = ControlMode::prompt;
    testing::expect_says(engine.parameters(request),
                         {"Controls: \"", "edges:", "lines_64x64.png:0.5:0:0.75\"", "Control mode: prompt"});
    request.control_mode = ControlMode::balanced;
    request.guess_mode = true;
    testing::expect_says(engine.parameters(request), {", Guess mode: true"});
    request.controls.clear();
    EXPECT_EQ(engine.parameters(request).find("Guess mode"), std::string::npos);
}

TEST(ControlledPictures, FitTheMemoryThatTheyMayTakeOrAreRefused) {
    Engine plenty({.model = golden + "tiny/diffusers", .precision = "f32", .max_memory = 4'000'000'000});
    Engine unlimited = tiny_engine();
    EXPECT_EQ(plenty.generate(with_control(lines())).picture.pixels,
              unlimited.generate(with_control(lines())).picture.pixels);
}

std::string refusal(Request request) {
    Engine engine = tiny_engine();
    return testing::sentence_of([&] { engine.generate(request); });
}

TEST(ControlledPictures, ThatMakeNoSenseAreRefusedInOneSentence) {
    Control control = lines();
    control.file = "nowhere.png";
    testing::expect_says(refusal(with_control(control)), {"nowhere.png"});
    control = lines();
    control.model = "nowhere";
    testing::expect_says(refusal(with_control(control)), {"nowhere"});
    control = lines();
    control.file.clear();
    testing::expect_says(refusal(with_control(control)), {"`controls`", "has no picture"});
    control.file = "inpaint";
    testing::expect_says(refusal(with_control(control)), {"`controls`", "`init_image` and `mask`"});
    control = lines();
    control.picture = Picture{.width = 2, .height = 2, .pixels = {1, 2, 3}};
    testing::expect_says(refusal(with_control(control)), {"`controls`", "number of pixels"});
    for (const auto& [scale, start, end] : std::vector<std::array<double, 3>>{
             {std::nan(""), 0, 1}, {-1, 0, 1}, {101, 0, 1}, {1, 0.5, 0.5}, {1, -0.1, 1}, {1, 0, 1.1}}) {
        control = lines();
        control.scale = scale;
        control.start = start;
        control.end = end;
        testing::expect_says(refusal(with_control(control)), {"`controls`", "MODEL:PICTURE"});
    }
    Request request = with_control(lines());
    request.guess_mode = true;
    request.control_mode = ControlMode::control;
    testing::expect_says(refusal(request), {"`guess_mode`", "`control_mode`"});
}

TEST(ControlledPictures, OfNetsForOtherModelsAreRefusedInOneSentence) {
    const testing::TemporaryFolder other;
    std::filesystem::copy(edges, other.path(), std::filesystem::copy_options::recursive);
    auto config = nlohmann::json::parse(testing::read_file(edges + "/config.json"));
    const auto with = [&](const char* key, const nlohmann::json& value) {
        auto changed = config;
        changed[key] = value;
        testing::write_file(other / "config.json", changed.dump());
        Control control = lines();
        control.model = other.path();
        return refusal(with_control(control));
    };
    testing::expect_says(with("cross_attention_dim", 1024), {"another family", "1024", "32"});
    testing::expect_says(with("block_out_channels", {16, 32, 64}), {"another UNet", "16, 32, 64", "16, 32, 32"});
    testing::expect_says(with("layers_per_block", 3), {"another UNet", "3, 3, 3 layers", "2, 2, 2"});
    testing::expect_says(with("in_channels", 9), {"another UNet", "latents of 9 channels", "have 4"});
    testing::expect_says(with("conditioning_embedding_out_channels", {4, 6, 8}), {"4 times", "8 times"});
}

TEST(ControlledPictures, AreDrawnByInpaintingModelsToo) {
    const testing::TemporaryFolder model;
    std::filesystem::copy(golden + "tiny/diffusers", model.path(), std::filesystem::copy_options::recursive);
    auto config = nlohmann::json::parse(testing::read_file(model / "unet/config.json"));
    config["in_channels"] = 9;
    testing::write_file(model / "unet/config.json", config.dump());
    const auto weights = model / "unet/diffusion_pytorch_model.safetensors";
    testing::EditableTensors tensors(weights);
    auto shape = tensors["conv_in.weight"].shape;
    shape[1] = 9;
    tensors.remove("conv_in.weight");
    tensors.add("conv_in.weight", shape);
    // The file is mapped.
    tensors.write(model / "nine.safetensors");
    std::filesystem::rename(model / "nine.safetensors", weights);
    Engine engine({.model = model.path()});
    Request request = with_control(lines());
    const auto drawn = engine.generate(request).picture.pixels;
    request.controls.clear();
    EXPECT_NE(engine.generate(request).picture.pixels, drawn);
}

Settings in_mode(ControlMode mode, bool guess_mode) {
    Settings settings;
    settings.control_mode = mode;
    settings.guess_mode = guess_mode;
    return settings;
}

TEST(ResidualFactors, AreThoseOfDiffusersAndOfTheWebUi) {
    constexpr std::size_t count = 13;
    const auto factors = [](const Settings& settings) {
        return std::pair(residual_factor(settings, 0, count), residual_factor(settings, count - 1, count));
    };
    EXPECT_EQ(factors(in_mode(ControlMode::balanced, false)), std::pair(1.0, 1.0));
    EXPECT_NEAR(factors(in_mode(ControlMode::prompt, false)).first, 0.0994, 1e-4);
    EXPECT_EQ(factors(in_mode(ControlMode::control, false)).second, 1.0);
    EXPECT_NEAR(factors(in_mode(ControlMode::balanced, true)).first, 0.1, 1e-12);
    EXPECT_EQ(factors(in_mode(ControlMode::balanced, true)).second, 1.0);
}

TEST(Windows, HoldWholeSteps) {
    const auto steps_in = [](double start, double end, std::size_t steps) {
        std::vector<std::size_t> inside;
        for (std::size_t i = 0; i < steps; ++i)
            if (is_in_window({.model = {}, .file = {}, .start = start, .end = end}, i, steps)) inside.push_back(i);
        return inside;
    };
    EXPECT_EQ(steps_in(0.0, 1.0, 3), (std::vector<std::size_t>{0, 1, 2}));
    EXPECT_EQ(steps_in(0.2, 0.8, 10), (std::vector<std::size_t>{2, 3, 4, 5, 6, 7}));
    EXPECT_EQ(steps_in(0.5, 1.0, 5), (std::vector<std::size_t>{3, 4}));
    EXPECT_EQ(steps_in(0.4, 0.5, 3), std::vector<std::size_t>{});
}

}  // namespace
}  // namespace easel
