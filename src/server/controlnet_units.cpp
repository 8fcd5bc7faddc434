// ControlNets as sd-webui-controlnet's API has them (internal_controlnet/args.py there).
#include "server/controlnet_units.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "pictures/read.h"
#include "server/control_fields.h"
#include "server/controlnet_modules.h"
#include "server/lax_fields.h"
#include "server/picture_field.h"
#include "server/refusal.h"

namespace easel::server {
namespace {

using nlohmann::json;

/// The fields of a unit but its pictures and its modes, with the extension's defaults.
struct Unit {
    std::string module = "none";
    std::string model;
    double weight = 1.0;
    double guidance_start = 0.0;
    std::optional<double> guidance_end;
    /// An old name of guidance_end.
    std::optional<double> guidance;
    double processor_res = -1.0;
    double threshold_a = -1.0;
    double threshold_b = -1.0;
    bool pixel_perfect = false;
    bool inpaint_crop_input_image = true;
};

std::span<const Setting<Unit>> unit_fields() {
    constexpr double greatest_weight = 100.0, far = 1e6;
    static const Setting<Unit> table[] = {
        {{.field = "module", .kind = Text{"the preprocessor's name"}}, &Unit::module},
        {{.field = "model", .kind = Text{"the ControlNet's name"}}, &Unit::model},
        {{.field = "weight", .kind = RealNumber{0.0, greatest_weight}}, &Unit::weight},
        {{.field = "guidance_start", .kind = RealNumber{0.0, 1.0}}, &Unit::guidance_start},
        {{.field = "guidance_end", .kind = RealNumber{0.0, 1.0}}, &Unit::guidance_end},
        {{.field = "guidance", .kind = RealNumber{0.0, 1.0}}, &Unit::guidance},
        {{.field = "processor_res", .kind = RealNumber{-far, far}}, &Unit::processor_res},
        {{.field = "threshold_a", .kind = RealNumber{-far, far}}, &Unit::threshold_a},
        {{.field = "threshold_b", .kind = RealNumber{-far, far}}, &Unit::threshold_b},
        {{.field = "pixel_perfect", .kind = Truth{}}, &Unit::pixel_perfect},
        {{.field = "inpaint_crop_input_image", .kind = Truth{}}, &Unit::inpaint_crop_input_image},
    };
    return table;
}

struct Named {
    std::string_view name;
    int number;
};
constexpr Named resize_modes[] = {{"Just Resize", 0},
                                  {"Crop and Resize", 1},
                                  {"Resize and Fill", 2},
                                  {"Inner Fit (Scale to Fit)", 1},
                                  {"Scale to Fit (Inner Fit)", 1},
                                  {"Outer Fit (Shrink to Fit)", 2},
                                  {"Envelope (Outer Fit)", 2}};
constexpr Named control_modes[] = {
    {"Balanced", 0}, {"My prompt is more important", 1}, {"ControlNet is more important", 2}};

/// A mode that is written as its number or its name.
std::optional<int> read_mode(const json& unit, const char* field, std::span<const Named> modes) {
    const json& value = value_at(unit, field);
    if (value.is_null() || value == "") return std::nullopt;
    if (value.is_string()) {
        const auto found = std::ranges::find(modes, value.get_ref<const std::string&>(), &Named::name);
        if (found != modes.end()) return found->number;
        refuse_field(422, field, "there is no \"{:.60}\"; give 0, 1 or 2, or one of \"{}\", \"{}\" and \"{}\"",
                     value.get<std::string>(), modes[0].name, modes[1].name, modes[2].name);
    }
    const SettingFacts row{.field = field, .kind = WholeNumber{0, 2}};
    return std::get<int>(value_from_json(row, value));
}

constexpr std::pair<const char*, std::string_view> absent_features[] = {
    {"advanced_weighting", "a weight for each layer"},
    {"effective_region_mask", "a region in which the ControlNet counts"},
    {"ipadapter_input", "IP-Adapter"},
    {"batch_images", "a picture for each of a batch"}};

/// The pictures of a unit, which come as image or input_image and mask or mask_image, as [image, mask], as {"image",
/// "mask"}, or as a list with one of the latter.
struct UnitPictures {
    const json* image;
    const json* mask;
};

UnitPictures pictures_of(const json& unit) {
    const auto first_given = [&](const char* name, const char* other) {
        const json& value = value_at(unit, name);
        return is_given(value) ? &value : &value_at(unit, other);
    };
    UnitPictures pictures{first_given("image", "input_image"), first_given("mask", "mask_image")};
    if (pictures.image->is_array() && !pictures.image->empty()) {
        const json& list = *pictures.image;
        if (list.size() > 1 && (list[0].is_object() || list.size() > 2))
            refuse_field(501, "image", "several pictures for a unit are not there yet; give a unit for each");
        pictures.image = &list[0];
        if (list.size() == 2) pictures.mask = &list[1];
    }
    if (pictures.image->is_object()) {
        const json& both = *pictures.image;
        if (const json& mask = value_at(both, "mask"); is_given(mask)) pictures.mask = &mask;
        pictures.image = &value_at(both, "image");
    }
    return pictures;
}

/// The extension takes what was painted into the mask for the picture, unless nothing or all is painted.
std::optional<Picture> painted_in(const json& field) {
    if (!is_given(field)) return std::nullopt;
    const Mask mask = mask_of(picture_bytes(field, "mask"), "mask");
    constexpr std::uint8_t nothing = 5, all = 250;
    const auto [least, most] = std::ranges::minmax(mask.pixels);
    if (most <= nothing || least >= all) return std::nullopt;
    Picture picture{mask.width, mask.height, {}};
    picture.pixels.reserve(3 * mask.pixels.size());
    for (const std::uint8_t value : mask.pixels) picture.pixels.insert(picture.pixels.end(), 3, value);
    return picture;
}

Picture picture_of_unit(const UnitPictures& pictures, const Drawing& drawing) {
    if (!is_given(*pictures.image)) return init_to_follow(drawing, "image");
    Picture image = picture_of(picture_bytes(*pictures.image, "image"), "image");
    return painted_in(*pictures.mask).value_or(std::move(image));
}

Control read_unit(const json& json_unit, const Drawing& drawing, const Models& models) {
    check_model_name(json_unit, "alwayson_scripts");
    Unit unit;
    read_fields(unit, unit_fields(), json_unit);
    for (const auto& [name, feature] : absent_features)
        if (is_on(value_at(json_unit, name))) refuse_field(501, name, "{} is not there yet; leave it out", feature);
    const ControlNetModule& module = find_module(unit.module, "module");
    const std::string model(without_hash(unit.model));
    if (model.empty() || model == "None")
        refuse_field(422, "alwayson_scripts",
                     "each unit names a ControlNet as its model; /controlnet/model_list lists those that are there");
    const double end = unit.guidance_end.value_or(unit.guidance.value_or(1.0));
    if (unit.guidance_start >= end)
        refuse_field(422, "guidance_start", "{} is not before `guidance_end`, which is {}", unit.guidance_start, end);
    const Fit fit = fit_of_mode(read_mode(json_unit, "resize_mode", resize_modes).value_or(1));
    const UnitPictures pictures = pictures_of(json_unit);

    Control control;
    if (module.is_inpaint()) {
        control = inpaint_control(drawing, is_given(*pictures.image), "image");
    } else {
        ControlPicture asked{.picture = picture_of_unit(pictures, drawing),
                             .annotator = module.find_annotator(),
                             .options = module_options(module, unit.threshold_a, unit.threshold_b)};
        if (module.is_resized) asked.resolution = unit.pixel_perfect ? 0 : resolution_in_range(unit.processor_res);
        control.picture = picture_to_follow(std::move(asked), fit, unit.inpaint_crop_input_image, drawing, models);
    }
    control.model = model;
    control.scale = unit.weight;
    control.start = unit.guidance_start;
    control.end = end;
    return control;
}

ControlMode mode_of(const json& unit) {
    // Older clients have "guess mode" for the last one.
    const bool guesses = is_on(value_at(unit, "guessmode")) || is_on(value_at(unit, "guess_mode"));
    return static_cast<ControlMode>(read_mode(unit, "control_mode", control_modes).value_or(guesses ? 2 : 0));
}

}  // namespace

bool is_controlnet_script(std::string_view name) {
    constexpr std::string_view own = "controlnet";
    return std::ranges::equal(name, own, [](char c, char lower) { return c == lower || c + ('a' - 'A') == lower; });
}

void read_controlnet_units(Drawing& drawing, const json& arguments, const Models& models) {
    std::optional<ControlMode> mode;
    for (const json& unit : arguments) {
        if (!unit.is_object()) refuse_field(422, "alwayson_scripts", "give an object for each unit of ControlNet");
        if (!is_on(value_at(unit, "enabled"))) continue;
        if (drawing.request.controls.size() == most_controls)
            refuse_field(422, "alwayson_scripts", "at most {} units of ControlNet are taken", most_controls);
        drawing.request.controls.push_back(read_unit(unit, drawing, models));
        if (mode.value_or(mode_of(unit)) != mode_of(unit))
            refuse_field(501, "control_mode", "another for each unit is not there yet; give the same to all");
        mode = mode_of(unit);
    }
    if (mode) drawing.request.control_mode = *mode;
}

std::string_view without_hash(std::string_view title) {
    const std::size_t bracket = title.rfind(" [");
    return title.ends_with(']') && bracket != std::string_view::npos ? title.substr(0, bracket) : title;
}

}  // namespace easel::server
