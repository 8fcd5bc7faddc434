// Enlarging pictures with AUTOMATIC1111's API.
#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <utility>

#include "base/base64.h"
#include "collection/upscaler_files.h"
#include "pictures/parameters.h"
#include "pictures/write.h"
#include "server/json.h"
#include "server/lax_fields.h"
#include "server/named_files.h"
#include "server/picture_field.h"
#include "server/refusal.h"
#include "server/routes.h"
#include "server/waiting.h"
#include "settings/latent_upscaler.h"
#include "settings/setting.h"
#include "weights/upscaler_file.h"

namespace easel::server {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::string_view none = "None";
constexpr double most_pixels = 64e6;
constexpr int most_pictures = 64;

ordered_json listed(std::string_view name, double scale) {
    return {{"name", name}, {"model_name", nullptr}, {"model_path", nullptr}, {"model_url", nullptr}, {"scale", scale}};
}

/// Files that are none are left out.
std::optional<HttpResponse> upscalers(const Call& call) {
    constexpr double scale_of_any = 4.0;
    ordered_json list = {listed(none, scale_of_any), listed(lanczos_web_ui_name, scale_of_any)};
    for (const auto& path : named_files(upscaler_folder(call.service.collection.upscaler_dir))) {
        try {
            const int scale = open_upscaler(path).config.scale;
            list.push_back(listed(path.stem().string(), scale));
        } catch (const Error&) {
            continue;
        }
    }
    return json_response(list);
}

std::optional<HttpResponse> latent_modes(const Call&) {
    ordered_json list = ordered_json::array();
    for (const LatentUpscaler& upscaler : latent_upscalers) list.push_back({{"name", upscaler.web_ui_name}});
    return json_response(list);
}

struct ExtraFields {
    /// 0: so many times larger, 1: to a size.
    int resize_mode = 0;
    double upscaling_resize = 2.0;
    int upscaling_resize_w = 512, upscaling_resize_h = 512;
    bool upscaling_crop = true;
    std::string upscaler_1 = std::string(none), upscaler_2 = std::string(none);
    double extras_upscaler_2_visibility = 0.0, gfpgan_visibility = 0.0, codeformer_visibility = 0.0;
};

ExtraFields fields_of(const json& body) {
    constexpr int largest = 32'768;
    const auto facts = [](std::string_view field, SettingKind kind) {
        return SettingFacts{.field = field, .kind = std::move(kind)};
    };
    static const Setting<ExtraFields> table[] = {
        {facts("resize_mode", WholeNumber{0, 1}), &ExtraFields::resize_mode},
        {facts("upscaling_resize", RealNumber{0.05, 16.0}), &ExtraFields::upscaling_resize},
        {facts("upscaling_resize_w", WholeNumber{1, largest}), &ExtraFields::upscaling_resize_w},
        {facts("upscaling_resize_h", WholeNumber{1, largest}), &ExtraFields::upscaling_resize_h},
        {facts("upscaling_crop", Truth{}), &ExtraFields::upscaling_crop},
        {facts("upscaler_1", Text{"the upscaler's name"}), &ExtraFields::upscaler_1},
        {facts("upscaler_2", Text{"the upscaler's name"}), &ExtraFields::upscaler_2},
        {facts("extras_upscaler_2_visibility", RealNumber{0.0, 1.0}), &ExtraFields::extras_upscaler_2_visibility},
        {facts("gfpgan_visibility", RealNumber{0.0, 1.0}), &ExtraFields::gfpgan_visibility},
        {facts("codeformer_visibility", RealNumber{0.0, 1.0}), &ExtraFields::codeformer_visibility},
    };
    ExtraFields fields;
    read_fields(fields, std::span<const Setting<ExtraFields>>(table), body);
    const bool has_second = !fields.upscaler_2.empty() && fields.upscaler_2 != none;
    if (has_second && fields.extras_upscaler_2_visibility > 0)
        refuse_field(501, "upscaler_2", "mixing two upscalers is not there yet; leave it out");
    if (fields.gfpgan_visibility > 0 || fields.codeformer_visibility > 0)
        refuse_field(501, fields.gfpgan_visibility > 0 ? "gfpgan_visibility" : "codeformer_visibility",
                     "restoring faces is not there yet; leave it out");
    return fields;
}

/// The sizes that the fields ask for. To a size means that the picture covers it.
void set_size(Enlargement& enlargement, const ExtraFields& fields) {
    const Picture& picture = enlargement.picture;
    const bool to_size = fields.resize_mode == 1;
    const double scale = to_size ? std::max(static_cast<double>(fields.upscaling_resize_w) / picture.width,
                                            static_cast<double>(fields.upscaling_resize_h) / picture.height)
                                 : fields.upscaling_resize;
    const double width = std::max(1.0, std::round(picture.width * scale));
    const double height = std::max(1.0, std::round(picture.height * scale));
    if (width * height > most_pixels)
        refuse_field(422, to_size ? "upscaling_resize_w" : "upscaling_resize",
                     "{:.0f} x {:.0f} pixels are more than {:.0f} million", width, height, most_pixels / 1e6);
    enlargement.width = enlargement.kept_width = static_cast<int>(width);
    enlargement.height = enlargement.kept_height = static_cast<int>(height);
    if (!to_size || !fields.upscaling_crop) return;
    enlargement.kept_width = fields.upscaling_resize_w;
    enlargement.kept_height = fields.upscaling_resize_h;
}

Enlargement enlargement_of(const json& image, const char* field, const ExtraFields& fields,
                           const Collection& collection) {
    const std::string bytes = picture_bytes(image, field);
    Enlargement enlargement{.picture = picture_of(bytes, field),
                            .parameters = find_parameters(std::as_bytes(std::span(bytes))).value_or("")};
    if (fields.upscaler_1.empty() || fields.upscaler_1 == none) {
        enlargement.width = enlargement.kept_width = enlargement.picture.width;
        enlargement.height = enlargement.kept_height = enlargement.picture.height;
        return enlargement;
    }
    const std::string upscaler = upscaler_named(fields.upscaler_1, collection, "upscaler_1");
    if (latent_upscaler(upscaler))
        refuse_field(422, "upscaler_1", "it enlarges latents; /sdapi/v1/upscalers lists others");
    if (!is_lanczos(upscaler)) enlargement.upscaler = upscaler;
    set_size(enlargement, fields);
    return enlargement;
}

void enlarge(const Call& call, std::vector<Enlargement> enlargements, bool is_single) {
    Drawing drawing{.task = Drawing::Task::enlarge};
    drawing.enlargements = std::move(enlargements);
    const auto job = call.service.make_job(std::move(drawing), call.request(), *call.record);
    answer_when_over(call, job, [is_single](const Job& done) {
        ordered_json images = ordered_json::array();
        for (const auto& picture : done.status().pictures)
            images.push_back(base64(encode_picture(picture->picture, PictureFormat::png, picture->parameters)));
        ordered_json answer{{"html_info", ""}};
        if (is_single)
            answer["image"] = images.at(0);
        else
            answer["images"] = std::move(images);
        return json_response(answer);
    });
}

std::optional<HttpResponse> enlarge_one(const Call& call) {
    const json body = object_in(call.request());
    enlarge(call, {enlargement_of(value_at(body, "image"), "image", fields_of(body), call.service.collection)}, true);
    return std::nullopt;
}

std::optional<HttpResponse> enlarge_several(const Call& call) {
    const json body = object_in(call.request());
    const ExtraFields fields = fields_of(body);
    const json& list = value_at(body, "imageList");
    if (!list.is_array() || list.empty() || list.size() > most_pictures)
        refuse_field(422, "imageList", "give a list of 1 to {} pictures", most_pictures);
    std::vector<Enlargement> enlargements;
    double pixels = 0.0;
    for (const json& image : list) {
        if (!image.is_object()) refuse_field(422, "imageList", "give objects with `data` and `name`");
        enlargements.push_back(enlargement_of(value_at(image, "data"), "imageList", fields, call.service.collection));
        pixels += static_cast<double>(enlargements.back().width) * enlargements.back().height;
        if (pixels > most_pixels)
            refuse_field(422, "imageList", "together they become more than {:.0f} million pixels; send fewer",
                         most_pixels / 1e6);
    }
    enlarge(call, std::move(enlargements), false);
    return std::nullopt;
}

}  // namespace

std::span<const Route> sdapi_extra_routes() {
    static constexpr Route routes[] = {
        {"GET", "/sdapi/v1/latent-upscale-modes", latent_modes, Where::network},
        {"GET", "/sdapi/v1/upscalers", upscalers},
        {"POST", "/sdapi/v1/extra-single-image", enlarge_one},
        {"POST", "/sdapi/v1/extra-batch-images", enlarge_several},
    };
    return routes;
}

}  // namespace easel::server
