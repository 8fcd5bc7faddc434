#include "server/sdapi_request.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "pictures/write.h"
#include "server/refusal.h"
#include "server/tiny_models.h"
#include "settings/table.h"

namespace easel::server {
namespace {

using nlohmann::json;
using testing::tiny_models;

SdapiRequest read_sdapi(const json& body, bool with_picture = false, const SdapiDefaults& defaults = {}) {
    return read_sdapi_request(body, with_picture, defaults, tiny_models());
}

/// The status and the field that a request is refused with; of an Error that is no Refusal 422.
std::pair<int, std::string> refused_by_sdapi(const json& body, bool with_picture = false) {
    try {
        read_sdapi(body, with_picture);
        return {0, ""};
    } catch (const Refusal& refusal) {
        return {refusal.status(), sdapi_name(refusal.field())};
    } catch (const Error& error) {
        return {422, sdapi_name(error.field())};
    }
}
using Refused = std::pair<int, std::string>;

std::string grey_in_base64(int width, int height) {
    return base64(
        encode_picture({width, height, std::vector<std::uint8_t>(3 * static_cast<std::size_t>(width) * height, 90)},
                       PictureFormat::png, ""));
}

TEST(SdapiRequest, LeavesToTheModelWhatIsNotAskedFor) {
    const SdapiRequest nothing = read_sdapi(json::object());
    const Request& request = nothing.drawing.request;
    EXPECT_EQ(request.prompt, "");
    for (const Setting<Request>& setting : settings_table())
        EXPECT_EQ(get(request, setting), get(Request(), setting)) << setting.field;
    EXPECT_EQ(nothing.drawing.pictures, 1);
    EXPECT_TRUE(nothing.drawing.model.empty());
}

TEST(SdapiRequest, TakesNullForTheDefaultAndIgnoresWhatItDoesNotKnow) {
    json body;
    for (const char* field :
         {"negative_prompt", "seed", "steps", "width", "sampler_name", "scheduler", "batch_size", "override_settings",
          "alwayson_scripts", "styles", "send_images", "enable_hr", "infotext"})
        body[field] = nullptr;
    body["frobnicate"] = {1, {{"a", 2}}};
    EXPECT_EQ(read_sdapi(body).drawing.pictures, 1);
}

TEST(SdapiRequest, TakesNumbersAsTextsAndWholeFloats) {
    const Request request =
        read_sdapi({{"steps", "20"}, {"width", 64.0}, {"height", "64"}, {"cfg_scale", "7.0"}, {"seed", ""}})
            .drawing.request;
    EXPECT_EQ(request.num_inference_steps, 20);
    EXPECT_EQ(request.width, 64);
    EXPECT_EQ(request.height, 64);
    EXPECT_EQ(request.guidance_scale, 7.0);
    EXPECT_EQ(request.seed, std::nullopt);
}

TEST(SdapiRequest, RoundsSizesDown) {
    EXPECT_EQ(read_sdapi({{"width", 71}}).drawing.request.width, 64);
    EXPECT_EQ(refused_by_sdapi({{"width", 7}}), Refused(422, "width"));
}

TEST(SdapiRequest, TakesSamplerIndexWhereThereIsNoName) {
    EXPECT_EQ(read_sdapi({{"sampler_index", "DDIM"}}).drawing.request.sampler, "ddim");
    EXPECT_EQ(read_sdapi({{"sampler_index", "DDIM"}, {"sampler_name", "Euler a"}}).drawing.request.sampler, "euler_a");
    EXPECT_EQ(refused_by_sdapi({{"sampler_index", "none such"}}), Refused(400, "sampler_index"));
}

TEST(SdapiRequest, NamesTheFieldThatIsWrong) {
    for (const json& wrong :
         {json{{"prompt", 5}}, json{{"seed", {1}}}, json{{"steps", 2.5}}, json{{"steps", 1e30}}, json{{"n_iter", 0}},
          json{{"batch_size", "two"}}, json{{"styles", 5}}, json{{"alwayson_scripts", {1}}},
          json{{"send_images", "perhaps"}}, json{{"override_settings", "x"}},
          json{{"prompt", std::string(32'001, 'a')}}, json{{"negative_prompt", std::string(32'001, 'a')}}})
        EXPECT_EQ(refused_by_sdapi(wrong), Refused(422, wrong.begin().key()));
    EXPECT_EQ(refused_by_sdapi({{"batch_size", 10}, {"n_iter", 10}}), Refused(422, "batch_size"));
}

TEST(SdapiRequest, OverridesSayHowPromptsAreRead) {
    const Request asked =
        read_sdapi({{"override_settings", {{"emphasis", "No norm"}, {"pad_cond_uncond", true}}}}).drawing.request;
    EXPECT_EQ(asked.emphasis, Emphasis::no_norm);
    EXPECT_EQ(asked.negative_padding, NegativePadding::empty_chunks);
    EXPECT_EQ(read_sdapi({{"override_settings", {{"pad_cond_uncond", false}}}}).drawing.request.negative_padding,
              NegativePadding::none);
    EXPECT_EQ(refused_by_sdapi({{"override_settings", {{"emphasis", "None"}}}}), Refused(422, "emphasis"));
    EXPECT_EQ(refused_by_sdapi({{"override_settings", {{"pad_cond_uncond", "perhaps"}}}}),
              Refused(422, "pad_cond_uncond"));
}

TEST(SdapiRequest, RefusesFeaturesThatAreAskedForAndNotThere) {
    for (const char* field : {"tiling", "restore_faces"}) {
        EXPECT_EQ(refused_by_sdapi({{field, true}}), Refused(501, field));
        EXPECT_EQ(refused_by_sdapi({{field, false}}).first, 0) << field;
    }
    EXPECT_EQ(refused_by_sdapi({{"subseed_strength", 0}, {"refiner_checkpoint", "None"}, {"script_name", ""}}).first,
              0);
    EXPECT_EQ(refused_by_sdapi({{"subseed_strength", 0.5}}), Refused(501, "subseed_strength"));
}

TEST(SdapiRequest, NamesTheRefinerAndWhereItBegins) {
    EXPECT_EQ(read_sdapi(json::object()).drawing.refiner, "") << "none, as in the web UI";
    EXPECT_EQ(read_sdapi({{"refiner_checkpoint", ""}, {"refiner_switch_at", 0}}).drawing.refiner, "");
    Drawing drawing = read_sdapi({{"refiner_checkpoint", "diffusers [0123456789]"}}).drawing;
    EXPECT_EQ(drawing.refiner, "diffusers");
    EXPECT_EQ(drawing.request.refiner_at, 0.8);
    EXPECT_EQ(read_sdapi({{"refiner_checkpoint", "diffusers"}, {"refiner_switch_at", 0.5}}).drawing.request.refiner_at,
              0.5);
    EXPECT_EQ(refused_by_sdapi({{"refiner_checkpoint", "no such"}}), Refused(404, "refiner_checkpoint"));
    EXPECT_EQ(refused_by_sdapi({{"refiner_checkpoint", "diffusers"}, {"refiner_switch_at", 0}}),
              Refused(422, "refiner_switch_at"));
    EXPECT_EQ(refused_by_sdapi({{"refiner_switch_at", 1.5}}), Refused(422, "refiner_switch_at"));
    EXPECT_EQ(read_sdapi({{"infotext", "a fox\nSteps: 1, Sampler: Euler, Refiner: x, Refiner switch at: 0.3"}})
                  .drawing.refiner,
              "");
}

TEST(SdapiRequest, TakesNoFilesOfTheServerFromATextButNames) {
    const Request asked =
        read_sdapi(
            {{"infotext", "a fox<lora:ink:0.5>\nSteps: 1, Sampler: Euler, LoRAs: /etc/passwd, TI hashes: \"x: 12\""}})
            .drawing.request;
    EXPECT_EQ(asked.prompt, "a fox<lora:passwd:1><lora:ink:0.5>");
    EXPECT_TRUE(asked.loras.empty());
    EXPECT_TRUE(asked.embeddings.empty());
}

TEST(SdapiRequest, IgnoresScriptsThatAreOff) {
    for (const json& off : {json::array(), json{false, 1}, json{{{"enabled", false}}, {{"enabled", false}}}})
        EXPECT_EQ(refused_by_sdapi({{"alwayson_scripts", {{"ControlNet", {{"args", off}}}}}}).first, 0) << off;
    for (const json& on : {json{true}, json(5), json{{"enabled", true}}})
        EXPECT_EQ(refused_by_sdapi({{"alwayson_scripts", {{"ADetailer", {{"args", on}}}}}}),
                  Refused(422, "alwayson_scripts"))
            << on;
}

TEST(SdapiRequest, HasSettingsForItselfAlone) {
    const SdapiRequest request = read_sdapi({{"override_settings",
                                              {{"CLIP_stop_at_last_layers", 2.0},
                                               {"sd_model_checkpoint", "diffusers"},
                                               {"sd_vae", "Automatic"},
                                               {"samples_format", "jpg"},
                                               {"unknown", {1}}}}},
                                            false, {.clip_skip = 3});
    EXPECT_EQ(request.drawing.request.clip_skip, 2);
    EXPECT_EQ(request.drawing.model, "diffusers");
    EXPECT_FALSE(request.drawing.model_stays);
    EXPECT_EQ(request.format, PictureFormat::jpeg);
    EXPECT_EQ(read_sdapi(json::object(), false, {.clip_skip = 3}).drawing.request.clip_skip, 3);
    EXPECT_EQ(refused_by_sdapi({{"override_settings", {{"sd_model_checkpoint", "none such"}}}}),
              Refused(404, "sd_model_checkpoint"));
}

TEST(SdapiRequest, TellsTheWholeRequestWithDefaults) {
    const auto told = read_sdapi({{"init_images", {grey_in_base64(8, 8)}}, {"cfg_scale", 3}}, true).parameters;
    EXPECT_EQ(told["cfg_scale"], 3);
    EXPECT_EQ(told["restore_faces"], false);
    EXPECT_TRUE(told["init_images"].is_null());
    EXPECT_FALSE(read_sdapi({{"init_images", {grey_in_base64(8, 8)}}, {"include_init_images", true}}, true)
                     .parameters["init_images"]
                     .is_null());
}

TEST(SdapiRequest, BringsThePictureToTheSizeThatIsAsked) {
    for (const int mode : {0, 1, 2}) {
        const Request request =
            read_sdapi(
                {{"init_images", {grey_in_base64(32, 16)}}, {"width", 24}, {"height", 24}, {"resize_mode", mode}}, true)
                .drawing.request;
        EXPECT_EQ(request.init_image->width, 24);
        EXPECT_EQ(request.init_image->height, 24);
    }
    EXPECT_EQ(read_sdapi({{"init_images", {grey_in_base64(32, 16)}}}, true).drawing.request.init_image->width, 32);
    EXPECT_EQ(refused_by_sdapi(
                  {{"init_images", {grey_in_base64(8, 8)}}, {"width", 8}, {"height", 8}, {"resize_mode", 3}}, true),
              Refused(501, "resize_mode"));
}

TEST(SdapiRequest, RefusesWhatIsNoPicture) {
    for (const json& images : {json(nullptr), json::array(), json{5}, json("x"), json{""}, json{"%%%"},
                               json{base64("no picture")}, json{"http://127.0.0.1/a.png"}, json{"file:///etc/passwd"},
                               json{"data:text/html;base64,AAAA"}, json{grey_in_base64(8, 8), grey_in_base64(8, 8)}})
        EXPECT_EQ(refused_by_sdapi({{"init_images", images}}, true), Refused(422, "init_images"))
            << images.dump().substr(0, 60);
    EXPECT_EQ(refused_by_sdapi({{"init_images", {grey_in_base64(8, 8)}}, {"mask", "%%%"}}, true), Refused(422, "mask"));
}

TEST(SdapiRequest, DrawsThePartUnderTheMaskAtTheSizeThatIsAsked) {
    Picture mask{64, 64, std::vector<std::uint8_t>(3 * 64 * 64)};
    for (int y = 16; y < 32; ++y)
        for (int x = 3 * 16; x < 3 * 32; ++x) mask.pixels[static_cast<std::size_t>(y) * 3 * 64 + x] = 255;
    const Drawing drawing = read_sdapi({{"init_images", {grey_in_base64(64, 64)}},
                                        {"mask", base64(encode_picture(mask, PictureFormat::png, ""))},
                                        {"mask_blur", 0},
                                        {"inpainting_fill", 1},
                                        {"width", 128},
                                        {"height", 128}},
                                       true)
                                .drawing;
    ASSERT_TRUE(drawing.part.has_value());
    EXPECT_EQ(drawing.part->box, (Box{16, 16, 16, 16}));
    EXPECT_EQ(drawing.request.init_image->width, 128);
    EXPECT_EQ(drawing.request.mask->width, 128);
    EXPECT_EQ(drawing.part->whole.width, 64);
}

TEST(SdapiRequest, NeedsASizeForAPartWhileNoModelIsOpen) {
    const json request = {{"init_images", {grey_in_base64(8, 8)}}, {"mask", grey_in_base64(8, 8)}};
    EXPECT_EQ(refused_by_sdapi(request, true), Refused(503, ""));
}

TEST(SdapiNames, AreTheApis) {
    EXPECT_EQ(sdapi_name("num_inference_steps"), "steps");
    EXPECT_EQ(sdapi_name("guidance_scale"), "cfg_scale");
    EXPECT_EQ(sdapi_name("strength"), "denoising_strength");
    EXPECT_EQ(sdapi_name("batch_size"), "batch_size");
}

}  // namespace
}  // namespace easel::server
