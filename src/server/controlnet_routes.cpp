// The API of sd-webui-controlnet beside /sdapi (scripts/api.py there).
#include <algorithm>
#include <cctype>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/base64.h"
#include "base/diffusers_layout.h"
#include "base/files.h"
#include "base/sha256.h"
#include "collection/control_files.h"
#include "pictures/write.h"
#include "server/control_fields.h"
#include "server/control_picture.h"
#include "server/controlnet_modules.h"
#include "server/controlnet_units.h"
#include "server/json.h"
#include "server/lax_fields.h"
#include "server/picture_field.h"
#include "server/refusal.h"
#include "server/routes.h"

namespace easel::server {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using nlohmann::ordered_json;

/// The eight digits by which the web UI tells files apart: of the SHA-256 of 64 KiB after the first MiB.
std::string short_hash(const fs::path& file) {
    constexpr std::size_t begin = 0x100000, size = 0x10000, digits = 8;
    const MappedFile mapped(file);
    const auto bytes = mapped.bytes();
    const auto part = bytes.subspan(std::min(begin, bytes.size()));
    return sha256(part.first(std::min(size, part.size()))).substr(0, digits);
}

/// "name [hash]"; of a folder whose weights are in several files the name alone.
std::string title_of(const fs::path& controlnet) {
    const std::string name = controlnet_name(controlnet);
    std::error_code ignored;
    const fs::path file =
        fs::is_directory(controlnet, ignored) ? controlnet / weight_file(controlnet_folder.stem) : controlnet;
    return path_exists(file) ? fmt::format("{} [{}]", name, short_hash(file)) : name;
}

std::vector<std::string> titles(const Call& call) {
    std::vector<std::string> all;
    for (const fs::path& path : controlnets_in(call.service.collection.control_dir)) all.push_back(title_of(path));
    return all;
}

std::optional<HttpResponse> api_version(const Call&) {
    constexpr int version = 3;
    return json_response({{"version", version}});
}

std::optional<HttpResponse> model_list(const Call& call) { return json_response({{"model_list", titles(call)}}); }

ordered_json slider_json(const ModuleSlider& slider) {
    return {{"name", slider.label},
            {"value", slider.usual},
            {"min", slider.least},
            {"max", slider.most},
            {"step", slider.step}};
}

std::optional<HttpResponse> module_list(const Call& call) {
    const auto asked = call.request().query.find("alias_names");
    const bool has_labels = asked != call.request().query.end() && lax_truth(asked->second) == true;
    ordered_json names = ordered_json::array(), details = ordered_json::object();
    for (const ControlNetModule& module : controlnet_modules()) {
        const std::string name(has_labels ? module.label : module.name);
        ordered_json sliders = ordered_json::array();
        if (module.is_resized) sliders.push_back(slider_json(resolution_slider));
        for (const auto& slider : module.sliders)
            if (slider) sliders.push_back(slider_json(*slider));
        names.push_back(name);
        details[name] = {{"model_free", false}, {"sliders", sliders}};
    }
    return json_response({{"module_list", names}, {"module_detail", details}});
}

/// A kind of ControlNets, and what is in the names of those that are of it. What easel has no preprocessor for is drawn
/// with pictures that are ready.
struct ControlType {
    std::string_view name;
    std::string_view in_names;
    std::string_view also_in_names = {};
};
constexpr ControlType control_types_known[] = {{"Canny", "canny"},
                                               {"Depth", "depth"},
                                               {"Inpaint", "inpaint"},
                                               {"InstructP2P", "ip2p", "instructp2p"},
                                               {"Lineart", "lineart"},
                                               {"MLSD", "mlsd"},
                                               {"NormalMap", "normal"},
                                               {"OpenPose", "pose"},
                                               {"Scribble", "scribble", "sketch"},
                                               {"Segmentation", "seg"},
                                               {"Shuffle", "shuffle"},
                                               {"SoftEdge", "softedge"},
                                               {"Tile", "tile", "blur"}};

ordered_json type_json(const std::vector<std::string_view>& modules, const std::vector<std::string>& models) {
    // The extension takes one of version 1.1 where there is one.
    const auto newer = std::ranges::find_if(models, [](const std::string& title) {
        return title.substr(0, title.find('[')).find("11") != std::string::npos;
    });
    return {{"module_list", modules},
            {"model_list", models},
            {"default_option", modules.size() > 1 ? modules[1] : modules[0]},
            {"default_model", newer != models.end() ? *newer
                              : models.size() > 1   ? models[1]
                                                    : models[0]}};
}

bool is_of(const ControlType& type, std::string title) {
    std::ranges::transform(title, title.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return title.find(type.in_names) != std::string::npos ||
           (!type.also_in_names.empty() && title.find(type.also_in_names) != std::string::npos);
}

std::optional<HttpResponse> control_types(const Call& call) {
    const std::vector<std::string> all = titles(call);
    std::vector<std::string> models = {"None"};
    models.insert(models.end(), all.begin(), all.end());
    std::vector<std::string_view> modules;
    for (const ControlNetModule& module : controlnet_modules()) modules.push_back(module.label);
    ordered_json types = {{"All", type_json(modules, models)}};
    types["All"]["default_option"] = "none";
    types["All"]["default_model"] = "None";
    for (const ControlType& type : control_types_known) {
        modules = {"none"};
        models = {"None"};
        for (const ControlNetModule& module : controlnet_modules())
            if (module.type == type.name && module.name != "none") modules.push_back(module.label);
        std::ranges::copy_if(all, std::back_inserter(models),
                             [&](const std::string& title) { return is_of(type, title); });
        types[std::string(type.name)] = type_json(modules, models);
    }
    return json_response({{"control_types", types}});
}

std::optional<HttpResponse> settings(const Call&) { return json_response({{"control_net_unit_count", most_controls}}); }

struct DetectFields {
    std::string controlnet_module = "none";
    double controlnet_processor_res = -1.0;
    double controlnet_threshold_a = -1.0;
    double controlnet_threshold_b = -1.0;
};

std::span<const Setting<DetectFields>> detect_fields() {
    constexpr double far = 1e6;
    static const Setting<DetectFields> table[] = {
        {{.field = "controlnet_module", .kind = Text{"the preprocessor's name"}}, &DetectFields::controlnet_module},
        {{.field = "controlnet_processor_res", .kind = RealNumber{-far, far}}, &DetectFields::controlnet_processor_res},
        {{.field = "controlnet_threshold_a", .kind = RealNumber{-far, far}}, &DetectFields::controlnet_threshold_a},
        {{.field = "controlnet_threshold_b", .kind = RealNumber{-far, far}}, &DetectFields::controlnet_threshold_b},
    };
    return table;
}

/// The list under the first of these names that is there.
const json& list_in(const json& body, const char* name, const char* old_name) {
    const json& value = value_at(body, name).is_null() ? value_at(body, old_name) : value_at(body, name);
    if (!value.is_null() && !value.is_array()) refuse_field(422, name, "give a list of pictures in base64");
    if (value.size() > most_controls)
        refuse_field(422, name, "these are {} pictures, and at most {} are taken", value.size(), most_controls);
    return value;
}

std::optional<HttpResponse> detect(const Call& call) {
    const json body = object_in(call.request());
    DetectFields fields;
    read_fields(fields, detect_fields(), body);
    constexpr const char *images_field = "controlnet_input_images", *masks_field = "controlnet_masks";
    const ControlNetModule& module = find_module(fields.controlnet_module, "controlnet_module");
    const json& images = list_in(body, images_field, "controlnet_images");
    const json& masks = list_in(body, masks_field, "controlnet_mask");
    if (images.empty()) refuse_field(422, images_field, "give a list with the pictures");
    if (module.is_inpaint() && masks.size() != images.size())
        refuse_field(422, masks_field, "{} takes a mask for each picture", module.name);

    ordered_json drawn = ordered_json::array();
    for (std::size_t i = 0; i < images.size(); ++i) {
        ControlPicture asked{
            .picture = picture_of(picture_bytes(images[i], images_field), images_field),
            .annotator = module.find_annotator(),
            .options = module_options(module, fields.controlnet_threshold_a, fields.controlnet_threshold_b)};
        if (module.is_resized) asked.resolution = resolution_in_range(fields.controlnet_processor_res);
        if (module.is_inpaint()) asked.options.mask = mask_of(picture_bytes(masks[i], masks_field), masks_field);
        drawn.push_back(base64(encode_picture(annotated(asked), PictureFormat::png, "")));
    }
    return json_response({{"info", "Success"}, {"images", drawn}});
}

}  // namespace

std::span<const Route> controlnet_routes() {
    static constexpr Route routes[] = {
        {"GET", "/controlnet/version", api_version, Where::network},
        {"GET", "/controlnet/model_list", model_list},
        {"GET", "/controlnet/module_list", module_list, Where::network},
        {"GET", "/controlnet/control_types", control_types},
        {"GET", "/controlnet/settings", settings, Where::network},
        {"POST", "/controlnet/detect", detect},
    };
    return routes;
}

}  // namespace easel::server
