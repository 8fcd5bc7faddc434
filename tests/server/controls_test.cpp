// ControlNets in requests: `controls`, and the units of the web UI's extension.
#include <gtest/gtest.h>

#include "base/base64.h"
#include "pictures/write.h"
#include "server/control_fields.h"
#include "server/controlnet_modules.h"
#include "server/controlnet_units.h"
#include "server/refusal.h"
#include "server/sdapi_request.h"
#include "settings/control_list.h"

namespace easel::server {
namespace {

using nlohmann::json;

Picture plain(int width, int height, std::uint8_t value = 90) {
    return {width, height, std::vector<std::uint8_t>(3 * static_cast<std::size_t>(width) * height, value)};
}

/// Black at the left, white at the right.
Picture halves(int width, int height) {
    Picture picture = plain(width, height, 0);
    for (std::size_t i = 0; i < picture.pixels.size(); ++i)
        if (static_cast<int>(i / 3) % width >= width / 2) picture.pixels[i] = 255;
    return picture;
}

std::string encoded(const Picture& picture) { return base64(encode_picture(picture, PictureFormat::png, "")); }

Drawing drawing_of(json body, bool with_picture = false) {
    static const Models models("golden/tiny/diffusers", {});
    body.update({{"width", 64}, {"height", 64}});
    return read_sdapi_request(body, with_picture, {}, models).drawing;
}

json with_unit(const json& changes) {
    json unit = {{"enabled", true}, {"model", "edges [e3b0c442]"}, {"image", encoded(halves(64, 64))}};
    if (!changes.is_null()) unit.update(changes);
    return {{"alwayson_scripts", {{"ControlNet", {{"args", {unit}}}}}}};
}

json with_control(const json& changes) {
    json control = {{"model", "edges"}, {"picture", encoded(halves(64, 64))}};
    if (!changes.is_null()) control.update(changes);
    return {{"controls", {control}}};
}

Control unit_of(const json& changes) { return drawing_of(with_unit(changes)).request.controls.at(0); }
Control control_of(const json& changes) { return drawing_of(with_control(changes)).request.controls.at(0); }

using Refused = std::pair<int, std::string>;
/// The status and the field that a request is refused with; of an Error that is no Refusal 422.
Refused refused(const json& body, bool with_picture = false) {
    try {
        drawing_of(body, with_picture);
        return {0, ""};
    } catch (const Refusal& refusal) {
        return {refusal.status(), refusal.field()};
    } catch (const Error& error) {
        return {422, error.field()};
    }
}

TEST(ControlNetUnits, AreControlsUnderOtherNames) {
    const Control unit = unit_of({{"weight", "0.5"}, {"guidance_start", 0.1}, {"guidance_end", 0.9}});
    EXPECT_EQ(unit, control_of({{"scale", 0.5}, {"start", 0.1}, {"end", 0.9}}));
    EXPECT_EQ(unit.model, "edges") << "without its hash";
    EXPECT_EQ(unit.picture->pixels, halves(64, 64).pixels);
    EXPECT_EQ(unit_of({{"guidance", 0.5}}).end, 0.5);
    EXPECT_EQ(without_hash("a [b] c"), "a [b] c");
}

TEST(ControlNetUnits, TakeTheirPictureInEachForm) {
    const std::string text = encoded(halves(64, 64));
    const Control usual = unit_of({});
    for (const json& image : {json("data:image/png;base64," + text), json{text}, json{{"image", text}, {"mask", ""}},
                              json::array({{{"image", text}}}), json{text, encoded(plain(64, 64, 0))}})
        EXPECT_EQ(unit_of({{"image", image}}), usual) << image.dump().substr(0, 40);
    EXPECT_EQ(unit_of({{"image", nullptr}, {"input_image", text}}), usual);
    EXPECT_EQ(unit_of({{"image", encoded(plain(64, 64))}, {"mask", text}}), usual) << "what is painted is the picture";
}

TEST(ControlNetUnits, TakeModesAsNumbersAndNames) {
    const auto mode = [](const json& unit) { return drawing_of(with_unit(unit)).request.control_mode; };
    EXPECT_EQ(mode({}), ControlMode::balanced);
    for (const json& prompt : {json(1), json("My prompt is more important")})
        EXPECT_EQ(mode({{"control_mode", prompt}}), ControlMode::prompt);
    EXPECT_EQ(mode({{"control_mode", "ControlNet is more important"}}), ControlMode::control);
    EXPECT_EQ(mode({{"guessmode", true}}), ControlMode::control);
    EXPECT_EQ(mode({{"guessmode", true}, {"control_mode", 0}}), ControlMode::balanced);
    const std::string wide = encoded(halves(128, 64));
    EXPECT_EQ(unit_of({{"image", wide}, {"resize_mode", "Scale to Fit (Inner Fit)"}}), unit_of({{"image", wide}}));
    EXPECT_NE(unit_of({{"image", wide}, {"resize_mode", 2}}), unit_of({{"image", wide}}));
}

TEST(ControlNetUnits, MakeTheirPictureAsAnnotatorsDo) {
    EXPECT_EQ(unit_of({{"module", "canny"}, {"pixel_perfect", true}}), control_of({{"annotator", "canny"}}));
    EXPECT_EQ(unit_of({{"module", "canny"}, {"processor_res", 64}}), control_of({{"annotator", "canny"}}));
    EXPECT_EQ(unit_of({{"module", "tile"}, {"threshold_a", 4}}), control_of({{"annotator", "tile"}, {"shrink", 4}}));
    EXPECT_EQ(unit_of({{"module", "tile_resample"}}), unit_of({})) << "by the extension's usual rate";
    EXPECT_EQ(unit_of({{"module", "lineart_standard (from white bg & black line)"}, {"pixel_perfect", true}}),
              control_of({{"annotator", "lineart"}}));
    EXPECT_EQ(module_options(find_module("canny", ""), -1, 300).high, 200) << "out of its range, the usual one";
}

TEST(ControlNetUnits, FollowTheInitPictureWithoutOneOfTheirOwn) {
    json body = with_unit({{"image", nullptr}});
    EXPECT_EQ(refused(body), Refused(422, "image"));
    body["init_images"] = {encoded(halves(64, 64))};
    EXPECT_EQ(drawing_of(body, true).request.controls, drawing_of(with_unit({})).request.controls);
}

TEST(ControlNetUnits, OfInpaintingTakeTheInitPictureAndTheMask) {
    json body = with_unit({{"image", ""}, {"module", "inpaint_only"}});
    body["init_images"] = {encoded(halves(64, 64))};
    EXPECT_EQ(refused(body, true), Refused(422, "image"));
    body["mask"] = encoded(halves(64, 64));
    const Control control = drawing_of(body, true).request.controls.at(0);
    EXPECT_EQ(control.file, inpaint_picture);
    EXPECT_FALSE(control.picture);
    EXPECT_EQ(refused(with_unit({{"module", "inpaint"}})), Refused(501, "image"));
}

TEST(ControlNetUnits, AreCutToThePartThatIsDrawn) {
    Picture mask = plain(64, 64, 0);
    for (int y = 0; y < 16; ++y) std::fill_n(mask.pixels.begin() + 3 * (y * 64 + 48), 48, std::uint8_t{255});
    json body = with_unit({});
    body.update({{"init_images", {encoded(plain(64, 64))}}, {"mask", encoded(mask)}, {"mask_blur", 0}});
    const Drawing drawing = drawing_of(body, true);
    ASSERT_TRUE(drawing.part);
    EXPECT_EQ(drawing.request.controls.at(0).picture->pixels, plain(64, 64, 255).pixels);
    body["alwayson_scripts"]["ControlNet"]["args"][0]["inpaint_crop_input_image"] = false;
    EXPECT_EQ(drawing_of(body, true).request.controls.at(0).picture->pixels, halves(64, 64).pixels);
}

TEST(ControlNetUnits, ThatMakeNoSenseAreRefusedByTheirField) {
    for (const auto& [field, value] : std::initializer_list<std::pair<const char*, json>>{{"module", "depth_midas"},
                                                                                          {"module", 5},
                                                                                          {"weight", -1},
                                                                                          {"weight", "much"},
                                                                                          {"image", "%%%"},
                                                                                          {"image", 5},
                                                                                          {"guidance_start", 2},
                                                                                          {"guidance_start", 1},
                                                                                          {"guidance_end", -0.5},
                                                                                          {"control_mode", 3},
                                                                                          {"control_mode", "x"},
                                                                                          {"resize_mode", 3},
                                                                                          {"resize_mode", "x"},
                                                                                          {"threshold_a", "x"},
                                                                                          {"pixel_perfect", "perhaps"},
                                                                                          {"mask", "%%%"}})
        EXPECT_EQ(refused(with_unit({{field, value}})), Refused(422, field)) << value;
    for (const json& model : {json("None"), json(""), json(nullptr), json(5)})
        EXPECT_EQ(refused(with_unit({{"model", model}})), Refused(422, "alwayson_scripts")) << model;
    for (const char* absent : {"advanced_weighting", "effective_region_mask", "ipadapter_input"})
        EXPECT_EQ(refused(with_unit({{absent, {1}}})), Refused(501, absent));
    EXPECT_EQ(refused({{"alwayson_scripts", {{"controlnet", {{"args", {5}}}}}}}), Refused(422, "alwayson_scripts"));
    json two = with_unit({});
    json& units = two["alwayson_scripts"]["ControlNet"]["args"];
    units.push_back(units[0]);
    units[1]["control_mode"] = 1;
    EXPECT_EQ(refused(two), Refused(501, "control_mode"));
    while (units.size() <= most_controls) units.push_back(units[0]);
    units[1]["control_mode"] = 0;
    EXPECT_EQ(refused(two), Refused(422, "alwayson_scripts"));
}

TEST(Controls, ThatMakeNoSenseAreRefusedByTheirField) {
    for (const auto& [field, value] :
         std::initializer_list<std::pair<const char*, json>>{{"annotator", "depth"},
                                                             {"scale", 101},
                                                             {"scale", "nan"},
                                                             {"start", 1},
                                                             {"end", 2},
                                                             {"resize_mode", 3},
                                                             {"low", -1},
                                                             {"shrink", 65},
                                                             {"threshold", 0},
                                                             {"picture", "%%%"},
                                                             {"picture", "http://127.0.0.1/a.png"}})
        EXPECT_EQ(refused(with_control({{field, value}})), Refused(422, field)) << value;
    for (const json& controls : {json(5), json{{"model", "edges"}}, json{5}, json(11, json::object())})
        EXPECT_EQ(refused({{"controls", controls}}), Refused(422, "controls")) << controls;
    for (const json& model : {json(""), json(nullptr), json(5)})
        EXPECT_EQ(refused(with_control({{"model", model}})), Refused(422, "controls")) << model;
    EXPECT_EQ(refused(with_control({{"annotator", "inpaint"}})), Refused(501, "picture"));
}

TEST(Controls, NeedTheirPicturesBesideAText) {
    const std::string text = "a fox\nSteps: 1, Sampler: Euler, Controls: /etc/passwd:/etc/passwd, Control mode: prompt";
    EXPECT_EQ(refused({{"infotext", text}}), Refused(422, "infotext"));
    json body = with_control({});
    body["infotext"] = text;
    const Request request = drawing_of(body).request;
    ASSERT_EQ(request.controls.size(), 1u);
    EXPECT_EQ(request.controls[0].model, "edges");
    EXPECT_EQ(request.control_mode, ControlMode::prompt);
}

TEST(Controls, AreToldWithoutTheirPictures) {
    static const Models models("golden/tiny/diffusers", {});
    json body = with_unit({{"input_image", encoded(plain(8, 8))}});
    body.update(with_control({}));
    body.update({{"width", 64}, {"height", 64}});
    const std::string told = read_sdapi_request(body, false, {}, models).parameters.dump();
    EXPECT_EQ(told.find("iVBOR"), std::string::npos) << told;
    EXPECT_NE(told.find("edges [e3b0c442]"), std::string::npos) << told;
}

}  // namespace
}  // namespace easel::server
