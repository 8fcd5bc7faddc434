// Pictures of two passes, against the reference.
#include <stop_token>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <easel/easel.h>

#include "pipeline/control_cases.h"
#include "pipeline/enlarged_latents.h"
#include "support/files.h"
#include "support/stages.h"

namespace easel {
namespace {

using testing::adapters;
using testing::golden;
using testing::tiny_engine;

Request in_two_passes(const std::string& size) {
    return {.prompt = "a fox",
            .width = 64,
            .height = 48,
            .num_inference_steps = 3,
            .seed = 1,
            .sampler = "euler",
            .hires = size};
}

/// A case with `text_steps` counts its steps as the web UI does.
Request hires_request_of(const nlohmann::json& fields) {
    Request request = testing::control_request_of(fields);
    const auto& hires = fields.at("hires");
    request.hires = fmt::format("{}x{}", hires.at("width").get<int>(), hires.at("height").get<int>());
    const std::string upscaler = hires.at("upscaler");
    request.hires_upscaler = upscaler.ends_with(".safetensors") ? adapters + upscaler : upscaler;
    request.hires_strength = hires.at("strength").get<double>();
    const bool is_webui = !hires.at("text_steps").is_null();
    request.hires_step_count = is_webui ? HiresStepCount::webui : HiresStepCount::diffusers;
    request.hires_steps = hires.at(is_webui ? "text_steps" : "steps").get<int>();
    return request;
}

TEST(EnlargedLatents, AreTorchs) {
    const SafetensorsFile expected(adapters + "enlarged_latents.safetensors");
    const Latents latents{
        .channels = 4, .height = 9, .width = 7, .values = testing::values_of<float>(expected, "enlarge.9x7.latents")};
    for (const LatentUpscaler& upscaler : latent_upscalers)
        for (const LatentSize size : {LatentSize{12, 10}, LatentSize{13, 9}, LatentSize{16, 16}, LatentSize{6, 5}}) {
            const std::string name = fmt::format("enlarge.9x7.{}.{}x{}", upscaler.name, size.height, size.width);
            EXPECT_LE(testing::greatest_difference(resized(latents, size, upscaler).values,
                                                   testing::values_of<float>(expected, name)),
                      1e-5F)
                << name;
        }
}

TEST(SecondPasses, AreTheReferences) {
    Engine engine = tiny_engine();
    const auto cases = testing::cases_of("hires_cases.json");
    EXPECT_EQ(cases.size(), 7u);
    for (const auto& fields : cases)
        EXPECT_GE(
            testing::psnr(engine.generate(hires_request_of(fields)).picture, testing::expected_picture_of(fields)),
            45.0)
            << fields.at("name");
}

TEST(SecondPasses, HaveTheSizeThatIsAskedForOrSoManyTimesTheFirst) {
    Engine engine = tiny_engine();
    const auto size = [&](const std::string& hires) {
        const Picture picture = engine.generate(in_two_passes(hires)).picture;
        return std::pair(picture.width, picture.height);
    };
    EXPECT_EQ(size("96x72"), std::pair(96, 72));
    EXPECT_EQ(size("1.5"), std::pair(96, 72));
    EXPECT_EQ(size("1.3"), std::pair(80, 56)) << "rounded down to what the model draws";
}

TEST(SecondPasses, TakeAllTheirStepsOrThoseThatTheStrengthLeaves) {
    Engine engine = tiny_engine();
    Request request = in_two_passes("2");
    request.hires_steps = 10;
    request.hires_strength = 0.7;
    EXPECT_EQ(engine.generate(request).steps, 3 + 10);
    request.hires_step_count = HiresStepCount::diffusers;
    EXPECT_EQ(engine.generate(request).steps, 3 + 7);
    request.hires_steps.reset();
    request.hires_strength = 1.0;
    EXPECT_EQ(engine.generate(request).steps, 3 + 3);
}

TEST(SecondPasses, CountTheirStepsOn) {
    Engine engine = tiny_engine();
    std::vector<int> steps;
    engine.generate(in_two_passes("2"), {.progress = [&](const Progress& now) {
                        if (now.stage != Stage::denoise) return;
                        EXPECT_EQ(now.steps, 6);
                        steps.push_back(now.step);
                    }});
    EXPECT_EQ(steps, (std::vector<int>{0, 1, 2, 3, 4, 5, 6}));
}

TEST(SecondPasses, AreLeftOutOnceThePictureIsWantedAsItIs) {
    Engine engine = tiny_engine();
    std::stop_source enough;
    const Result result = engine.generate(in_two_passes("2"), {.progress =
                                                                   [&](const Progress& now) {
                                                                       if (now.stage == Stage::denoise && now.step == 1)
                                                                           enough.request_stop();
                                                                   },
                                                               .finish = enough.get_token()});
    EXPECT_EQ(result.picture.width, 64);
    testing::expect_says(result.parameters, {"Steps run: 2"});
}

TEST(SecondPasses, KeepTheirNetworksForTheNextPicture) {
    Engine engine = tiny_engine();
    const auto compilations = [&](const Request& request) {
        int count = 0;
        engine.generate(
            request, {.progress = [&](const Progress& now) { count += now.stage == Stage::compile && now.step == 0; }});
        return count;
    };
    EXPECT_EQ(compilations(in_two_passes("2")), 2);
    EXPECT_EQ(compilations(in_two_passes("2")), 0);
}

TEST(SecondPasses, WithinALimitOfMemoryDrawTheSame) {
    Engine unlimited = tiny_engine();
    Engine limited({.model = golden + "tiny/diffusers", .precision = "f32", .max_memory = 4'000'000'000});
    Request request = in_two_passes("2");
    request.hires_upscaler = "lanczos";
    EXPECT_EQ(limited.generate(request).picture.pixels, unlimited.generate(request).picture.pixels);
}

TEST(SecondPasses, StoreHowTheyWereDrawn) {
    const Engine engine = tiny_engine();
    Request request = in_two_passes("1.5");
    testing::expect_says(engine.parameters(request),
                         {"Size: 64x48",
                          "Denoising strength: 0.7, Hires resize: 96x72, Hires steps: 3, Hires upscaler: "
                          "Latent, "});
    request.hires_upscaler = "lanczos";
    request.hires_steps = 4;
    request.hires_step_count = HiresStepCount::diffusers;
    testing::expect_says(engine.parameters(request),
                         {"Hires steps: 4, Hires upscaler: Lanczos, Hires step count: diffusers"});
}

TEST(SecondPasses, ThatMakeNoSenseAreRefusedInOneSentence) {
    Engine engine = tiny_engine();
    const auto refusal = [&](const Request& request) {
        return testing::sentence_of([&] { engine.generate(request); });
    };
    for (const char* size : {"two", "0.5", "17", "nan", "96x", "x72", "96x72x3", "-96x72"})
        testing::expect_says(refusal(in_two_passes(size)), {"`hires`", "1024x768"});
    testing::expect_says(refusal(in_two_passes("100x72")), {"`hires` 100", "multiple of 8"});
    testing::expect_says(refusal(in_two_passes("9000x72")), {"`hires` 9000"});
    Request request = in_two_passes("2");
    request.hires_strength = 0.0;
    testing::expect_says(refusal(request), {"`hires_strength`"});
    request.hires_strength = 0.01;
    request.hires_steps = 100;
    testing::expect_says(refusal(request), {"`hires_steps` 100", "10000"});
    request.hires_step_count = HiresStepCount::diffusers;
    request.hires_steps = 3;
    testing::expect_says(refusal(request), {"`hires_strength`", "none"});
    request = in_two_passes("2");
    request.hires_upscaler = "nowhere.safetensors";
    testing::expect_says(refusal(request), {"nowhere.safetensors"});
    request = in_two_passes("2");
    request.init_image = Picture{8, 8, std::vector<std::uint8_t>(192)};
    testing::expect_says(refusal(request), {"`hires`", "`init_image`"});
}

}  // namespace
}  // namespace easel
