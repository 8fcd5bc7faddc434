#include "server/control_fields.h"

#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "server/drawn_size.h"
#include "server/lax_fields.h"
#include "server/picture_field.h"
#include "server/refusal.h"
#include "settings/control_list.h"
#include "settings/table.h"

namespace easel::server {
namespace {

using nlohmann::json;

constexpr std::string_view no_annotator = "none";
constexpr std::string_view inpaint = "inpaint";
constexpr double greatest_scale = 100.0;

std::vector<std::string> annotator_names() {
    std::vector<std::string> names = {std::string(no_annotator)};
    for (const Annotator& row : annotators()) names.emplace_back(row.name);
    return names;
}

const Annotator* annotator_of(const ControlFields& fields) {
    return fields.annotator == no_annotator ? nullptr : &annotator(fields.annotator);
}

AnnotatorOptions annotator_options(const json& entry) {
    AnnotatorOptions options;
    read_fields(options, annotator_table(), entry);
    return options;
}

Control read_control(const json& entry, const Drawing& drawing, const Models& models) {
    if (!entry.is_object()) refuse_field(422, "controls", "give an object for each ControlNet");
    check_model_name(entry, "controls");
    ControlFields fields;
    read_fields(fields, control_fields(), entry);
    if (fields.model.empty()) refuse_field(422, "controls", "each names a ControlNet as its model");
    if (fields.start >= fields.end)
        refuse_value("start", fields.start, "give less than `end`, which is {}", fields.end);
    const json& picture = value_at(entry, "picture");
    Control control;
    if (fields.annotator == inpaint) {
        control = inpaint_control(drawing, is_given(picture), "picture");
    } else {
        const Fit fit = fit_of_mode(fields.resize_mode);
        ControlPicture asked{.picture = is_given(picture) ? picture_of(picture_bytes(picture, "picture"), "picture")
                                                          : init_to_follow(drawing, "picture"),
                             .annotator = annotator_of(fields),
                             .options = annotator_options(entry),
                             .resolution = 0};
        control.picture = picture_to_follow(std::move(asked), fit, true, drawing, models);
    }
    control.model = fields.model;
    control.scale = fields.scale;
    control.start = fields.start;
    control.end = fields.end;
    return control;
}

}  // namespace

std::span<const Setting<ControlFields>> control_fields() {
    static const Setting<ControlFields> table[] = {
        {{.field = "model", .kind = Text{"the ControlNet's name"}}, &ControlFields::model},
        {{.field = "annotator", .kind = OneOf{annotator_names()}}, &ControlFields::annotator},
        {{.field = "scale", .kind = RealNumber{0.0, greatest_scale}}, &ControlFields::scale},
        {{.field = "start", .kind = RealNumber{0.0, 1.0}}, &ControlFields::start},
        {{.field = "end", .kind = RealNumber{0.0, 1.0}}, &ControlFields::end},
        {{.field = "resize_mode", .kind = WholeNumber{0, 2}}, &ControlFields::resize_mode},
    };
    return table;
}

void check_model_name(const json& entry, std::string_view field) {
    if (const json& model = value_at(entry, "model"); !model.is_null() && !model.is_string())
        refuse_field(422, field, "the name of a ControlNet is a text");
}

Fit fit_of_mode(int resize_mode) {
    constexpr Fit fits[] = {Fit::stretch, Fit::crop, Fit::fill};
    return fits[resize_mode];
}

Picture picture_to_follow(ControlPicture asked, Fit fit, bool is_cropped, const Drawing& drawing,
                          const Models& models) {
    const DrawnSize size = drawn_size(drawing.request, models.opened());
    if (drawing.part && is_cropped) {
        const auto& [whole, box, mask] = *drawing.part;
        asked.picture = cropped(control_fitted(asked.picture, whole.width, whole.height, fit), box.left, box.top,
                                box.width, box.height);
        fit = Fit::stretch;
    }
    if (asked.resolution == 0) asked.resolution = resolution_for(asked.picture, size.width, size.height, fit);
    return control_fitted(annotated(asked), size.width, size.height, fit);
}

Picture init_to_follow(const Drawing& drawing, std::string_view field) {
    if (drawing.part) return drawing.part->whole;
    if (!drawing.request.init_image) refuse_field(422, field, "give the picture that the ControlNet follows");
    return *drawing.request.init_image;
}

Control inpaint_control(const Drawing& drawing, bool has_picture, std::string_view field) {
    if (has_picture)
        refuse_field(501, field,
                     "inpainting another picture than that of `init_images` is not there yet; leave it out");
    if (!drawing.request.mask) refuse_field(422, field, "inpaint makes it of `init_images` and `mask`; give both");
    return {.model = {}, .file = inpaint_picture};
}

void read_controls(Drawing& drawing, const json& body, const Models& models) {
    const json& list = value_at(body, "controls");
    if (list.is_null()) return;
    if (!list.is_array()) refuse_field(422, "controls", "give a list with an object for each ControlNet");
    if (list.size() > most_controls)
        refuse_field(422, "controls", "these are {}, and at most {} are taken", list.size(), most_controls);
    for (const json& entry : list) drawing.request.controls.push_back(read_control(entry, drawing, models));
}

Picture read_control_picture(const json& body, const Models& models) {
    ControlFields fields;
    read_fields(fields, control_fields(), body);
    Drawing drawing;
    for (const char* side : {"width", "height"}) set(drawing.request, setting(side), lax_value(setting(side), body));
    ControlPicture asked{.picture = picture_of(picture_bytes(value_at(body, "picture"), "picture"), "picture"),
                         .annotator = annotator_of(fields),
                         .options = annotator_options(body),
                         .resolution = 0};
    return picture_to_follow(std::move(asked), fit_of_mode(fields.resize_mode), false, drawing, models);
}

}  // namespace easel::server
