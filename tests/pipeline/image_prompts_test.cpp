// Pictures that prompt beside the words, against diffusers.
#include <string>

#include <gtest/gtest.h>

#include <easel/easel.h>

#include "pipeline/prompt_cases.h"

namespace easel {
namespace {

using testing::adapters;
using testing::golden;

Request image_prompt_request_of(const nlohmann::json& fields) {
    Request request = testing::prompt_request_of(fields);
    const auto& adapter = fields.at("ip_adapter");
    request.ip_adapters = {{.file = adapters + adapter.at("file").get<std::string>(),
                            .image_embeds = adapters + adapter.at("image_embeds").get<std::string>(),
                            .scale = adapter.at("scale")}};
    return request;
}

class ImagePrompts : public ::testing::Test {
  protected:
    Engine engine{{.model = golden + "tiny/diffusers", .precision = "f32"}};
    nlohmann::json fields = testing::cases_of("ip_adapter_cases.json").front();
    Request request = image_prompt_request_of(fields);
};

TEST_F(ImagePrompts, DrawTheReferencesPicture) {
    const Result result = engine.generate(request);
    EXPECT_GE(testing::psnr(result.picture, testing::expected_picture_of(fields)), 45.0);
    testing::expect_says(result.parameters, {"IP-Adapters: \"", "image_embeds.safetensors:0.8\""});
}

TEST_F(ImagePrompts, AddUpAndCountAsTheirScaleSays) {
    Request without = request;
    without.ip_adapters.clear();
    const Picture plain = engine.generate(without).picture, drawn = engine.generate(request).picture;
    request.ip_adapters.front().scale = 0.0;
    EXPECT_GE(testing::psnr(engine.generate(request).picture, plain), 60.0);
    request.ip_adapters.front().scale = 0.4;
    request.ip_adapters.push_back(request.ip_adapters.front());
    EXPECT_GE(testing::psnr(engine.generate(request).picture, drawn), 60.0);
}

TEST_F(ImagePrompts, ThatMakeNoSenseAreRefused) {
    const auto refusal = [&] { return testing::sentence_of([&] { engine.generate(request); }); };
    request.ip_adapters.front().scale = 11.0;
    testing::expect_says(refusal(), {"`ip_adapters`", "FILE:EMBEDS"});
    request.ip_adapters.front() = {.file = adapters + "ip_adapter/image_embeds.safetensors",
                                   .image_embeds = adapters + "ip_adapter/image_embeds.safetensors"};
    testing::expect_says(refusal(), {"image_embeds.safetensors", "an IP-Adapter is expected"});
}

}  // namespace
}  // namespace easel
