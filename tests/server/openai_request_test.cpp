#include "server/openai_request.h"

#include <gtest/gtest.h>

#include "pictures/write.h"
#include "server/failure.h"
#include "server/tiny_models.h"

namespace easel::server {
namespace {

using nlohmann::json;
using testing::tiny_models;

OpenAiRequest read_openai(const json& body) {
    return read_openai_request({.body = body.dump()}, OpenAiTask::generation, tiny_models());
}

/// The status and the field that a request is refused with, as the client sees them.
std::pair<int, json> refused_by_openai(const std::function<void()>& action) {
    try {
        action();
        return {0, nullptr};
    } catch (...) {
        const HttpResponse response = as_openai_error(failure_of(std::current_exception(), openai_name));
        return {response.status, json::parse(response.body)["error"]["param"]};
    }
}

HttpRequest form(const std::vector<std::tuple<std::string, std::string, bool>>& fields) {
    std::string body;
    for (const auto& [name, content, is_file] : fields)
        body += "--B\r\nContent-Disposition: form-data; name=\"" + name + "\"" + (is_file ? "; filename=\"a\"" : "") +
                "\r\n\r\n" + content + "\r\n";
    return {.headers = {{"Content-Type", "multipart/form-data; boundary=B"}}, .body = body + "--B--\r\n"};
}

std::string png_of_side(int side) {
    return encode_picture({side, side, std::vector<std::uint8_t>(3 * static_cast<std::size_t>(side) * side, 90)},
                          PictureFormat::png, "");
}

TEST(OpenAiRequest, HasTheApisFieldsAndEaselsAsAdditions) {
    const OpenAiRequest request = read_openai({{"prompt", "a house"},
                                               {"size", "64x72"},
                                               {"n", 3},
                                               {"output_format", "webp"},
                                               {"response_format", "url"},
                                               {"steps", 5},
                                               {"seed", 7},
                                               {"sampler", "euler_a"},
                                               {"quality", "high"},
                                               {"user", "u"}});
    EXPECT_EQ(request.drawing.request.prompt, "a house");
    EXPECT_EQ(request.drawing.request.width, 64);
    EXPECT_EQ(request.drawing.request.height, 72);
    EXPECT_EQ(request.drawing.request.num_inference_steps, 5);
    EXPECT_EQ(request.drawing.request.seed, 7U);
    EXPECT_EQ(request.drawing.request.sampler, "euler_a");
    EXPECT_EQ(request.drawing.pictures, 3);
    EXPECT_EQ(request.format, PictureFormat::webp);
    EXPECT_TRUE(request.as_url);
}

TEST(OpenAiRequest, LeavesToTheModelWhatIsNotSaid) {
    for (const json& size : {json("auto"), json(nullptr), json("")}) {
        const OpenAiRequest request = read_openai({{"prompt", "x"}, {"size", size}, {"n", nullptr}});
        EXPECT_EQ(request.drawing.request.width, std::nullopt);
        EXPECT_EQ(request.drawing.pictures, 1);
    }
}

TEST(OpenAiRequest, TakesNamesOfModelsThatClientsHaveBuiltIn) {
    for (const char* name : {"", "dall-e-3", "gpt-image-1", "diffusers"})
        EXPECT_TRUE(read_openai({{"prompt", "x"}, {"model", name}}).drawing.pictures == 1) << name;
    EXPECT_EQ(refused_by_openai([] {
                  read_openai({{"prompt", "x"}, {"model", "none such"}});
              }),
              std::pair(404, json("model")));
}

TEST(OpenAiRequest, NamesTheFieldThatIsWrong) {
    for (const json& wrong : {json{{"prompt", nullptr}}, json{{"prompt", 5}}, json{{"prompt", ""}}, json{{"n", 0}},
                              json{{"n", 11}}, json{{"n", "many"}}, json{{"size", "large"}}, json{{"size", "0x0"}},
                              json{{"size", "99999x64"}}, json{{"size", 64}}, json{{"size", "64x64x"}},
                              json{{"response_format", "xml"}}, json{{"output_format", "exe"}},
                              json{{"background", "transparent"}}, json{{"steps", 0}}, json{{"partial_images", 4}}}) {
        json body = {{"prompt", "x"}};
        body.update(wrong);
        EXPECT_EQ(refused_by_openai([&] { read_openai(body); }), std::pair(400, json(wrong.begin().key()))) << wrong;
    }
}

TEST(OpenAiEdit, TakesAFormWithOnePicture) {
    for (const char* name : {"image", "image[]"}) {
        const OpenAiRequest request = read_openai_request(
            form({{"prompt", "x", false}, {"n", "2", false}, {"size", "16x16", false}, {name, png_of_side(8), true}}),
            OpenAiTask::edit, tiny_models());
        EXPECT_EQ(request.drawing.request.init_image->width, 16);
        EXPECT_EQ(request.drawing.pictures, 2);
    }
    EXPECT_EQ(refused_by_openai([] {
                  read_openai_request(form({{"prompt", "x", false}}), OpenAiTask::edit, tiny_models());
              }),
              std::pair(400, json("image")));
    EXPECT_EQ(refused_by_openai([] {
                  read_openai_request(form({{"prompt", "x", false}, {"image", "none", true}}), OpenAiTask::edit,
                                      tiny_models());
              }),
              std::pair(400, json("image")));
}

TEST(OpenAiEdit, RefusesAMaskWithNothingToRepaint) {
    EXPECT_EQ(refused_by_openai([] {
                  read_openai_request(
                      form({{"prompt", "x", false}, {"image", png_of_side(8), true}, {"mask", png_of_side(8), true}}),
                      OpenAiTask::edit, tiny_models());
              }),
              std::pair(400, json("mask")));
}

TEST(OpenAiVariation, NeedsNoPrompt) {
    EXPECT_TRUE(read_openai_request(form({{"image", png_of_side(8), true}}), OpenAiTask::variation, tiny_models())
                    .drawing.request.init_image.has_value());
}

}  // namespace
}  // namespace easel::server
