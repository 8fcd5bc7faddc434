#include "server/openapi.h"

#include <string>
#include <string_view>

#include <easel/easel.h>

#include "annotators/annotators.h"
#include "base/overloaded.h"
#include "server/control_fields.h"
#include "server/routes.h"
#include "server/sdapi_fields.h"
#include "settings/table.h"

namespace easel::server {
namespace {

using nlohmann::ordered_json;

ordered_json reference(std::string_view schema) { return {{"$ref", "#/components/schemas/" + std::string(schema)}}; }

ordered_json schema_of(const SettingKind& kind) {
    return std::visit(
        Overloaded{[](const Truth&) -> ordered_json {
                       return {{"type", {"boolean", "null"}}};
                   },
                   [](const WholeNumber& number) -> ordered_json {
                       return {{"type", {"integer", "null"}}, {"minimum", number.least}, {"maximum", number.most}};
                   },
                   [](const RealNumber& number) -> ordered_json {
                       return {{"type", {"number", "null"}},
                               {number.above_least ? "exclusiveMinimum" : "minimum", number.least},
                               {number.below_most ? "exclusiveMaximum" : "maximum", number.most}};
                   },
                   [](const SeedNumber&) -> ordered_json {
                       return {{"type", {"integer", "null"}}, {"minimum", -1}};
                   },
                   [](const auto&) -> ordered_json {
                       return {{"type", {"string", "null"}}};
                   }},
        kind);
}

ordered_json picture_schema(std::string_view description) {
    return {{"type", {"string", "null"}}, {"contentEncoding", "base64"}, {"description", description}};
}

/// The fields of a table, with their defaults.
template <typename Owner>
ordered_json properties_of(std::span<const Setting<Owner>> table) {
    const Owner defaults;
    ordered_json properties;
    for (const Setting<Owner>& row : table) {
        ordered_json& property = properties[std::string(row.field)] = schema_of(row.kind);
        if (const Value value = get(defaults, row); !std::holds_alternative<std::monostate>(value))
            property["default"] = json_of(row, value);
        if (!row.help.empty()) property["description"] = row.help;
    }
    return properties;
}

/// A ControlNet with the picture that it follows.
ordered_json control_schema() {
    ordered_json properties = properties_of(control_fields());
    properties["picture"] = picture_schema("that the ControlNet follows; without it, the one to begin from");
    properties.update(properties_of(annotator_table()));
    return {{"type", "object"}, {"required", {"model"}}, {"properties", properties}};
}

/// The same before there is a ControlNet.
ordered_json annotate_schema() {
    ordered_json schema = control_schema();
    for (const char* side : {"width", "height"}) schema["properties"][side] = schema_of(setting(side).kind);
    schema["required"] = {"picture"};
    return schema;
}

ordered_json sdapi_request_schema(bool with_picture) {
    ordered_json properties;
    for (const SdapiName& row : sdapi_names()) {
        if (row.of_picture && !with_picture) continue;
        properties[row.name] = schema_of(setting(row.field).kind);
        properties[row.name]["description"] = setting(row.field).help;
    }
    properties.update(properties_of(sdapi_own_fields()));
    properties["override_settings"] = {{"type", {"object", "null"}}};
    properties["alwayson_scripts"] = {{"type", {"object", "null"}}};
    properties["controls"] = {
        {"type", {"array", "null"}}, {"items", reference("Control")}, {"maxItems", most_controls}};
    properties["styles"] = {{"type", {"array", "null"}}, {"items", {{"type", "string"}}}};
    ordered_json schema = {{"type", "object"}};
    if (with_picture) {
        properties["init_images"] = {
            {"type", "array"}, {"items", picture_schema("PNG, JPEG or WebP")}, {"minItems", 1}, {"maxItems", 1}};
        properties["mask"] = picture_schema("white is repainted");
        schema["required"] = {"init_images"};
    }
    schema["properties"] = std::move(properties);
    return schema;
}

ordered_json object_of(std::initializer_list<std::pair<const char*, const char*>> properties) {
    ordered_json schema = {{"type", "object"}, {"required", ordered_json::array()}};
    for (const auto& [name, type] : properties) {
        schema["properties"][name] = {{"type", type}};
        schema["required"].push_back(name);
    }
    return schema;
}

ordered_json schemas() {
    ordered_json all;
    all["Text2ImageRequest"] = sdapi_request_schema(false);
    all["Image2ImageRequest"] = sdapi_request_schema(true);
    all["Pictures"] = object_of({{"images", "array"}, {"parameters", "object"}, {"info", "string"}});
    all["Progress"] = object_of({{"progress", "number"}, {"eta_relative", "number"}, {"state", "object"}});
    all["Options"] = {{"type", "object"}};
    all["Error"] = object_of({{"error", "string"}, {"detail", "string"}, {"body", "string"}, {"errors", "string"}});
    all["OpenAiError"] = {{"type", "object"},
                          {"required", {"error"}},
                          {"properties", {{"error", object_of({{"message", "string"}, {"type", "string"}})}}}};
    all["OpenAiRequest"] = {{"type", "object"},
                            {"required", {"prompt"}},
                            {"properties",
                             {{"prompt", {{"type", "string"}, {"minLength", 1}}},
                              {"n", {{"type", {"integer", "null"}}, {"minimum", 1}, {"maximum", 10}}},
                              {"size", {{"type", {"string", "null"}}, {"examples", {"auto", "512x512"}}}},
                              {"response_format", {{"enum", {"b64_json", "url", nullptr}}}},
                              {"output_format", {{"enum", {"png", "jpeg", "webp", nullptr}}}}}}};
    all["OpenAiPictures"] = object_of({{"created", "integer"}, {"data", "array"}});
    all["Job"] = object_of({{"id", "string"},
                            {"state", "string"},
                            {"position", "integer"},
                            {"progress", "number"},
                            {"step", "integer"},
                            {"steps", "integer"},
                            {"pictures", "array"},
                            {"interrupted", "boolean"},
                            {"notes", "array"}});
    all["Job"]["properties"]["state"]["enum"] = {"queued", "running", "done", "failed", "cancelled"};
    all["TokensRequest"] = object_of({{"prompt", "string"}, {"prompt_syntax", "string"}});
    all["Tokens"] = object_of(
        {{"ids", "array"}, {"count", "integer"}, {"limit", "integer"}, {"chunks", "integer"}, {"cut", "array"}});
    all["MaskRequest"] = object_of({{"image", "string"}});
    all["PersonMask"] = object_of({{"mask", "string"}});
    all["Control"] = control_schema();
    all["AnnotateRequest"] = annotate_schema();
    all["ControlPicture"] = object_of({{"picture", "string"}});
    all["DetectRequest"] = {{"type", "object"},
                            {"required", {"controlnet_input_images"}},
                            {"properties",
                             {{"controlnet_module", {{"type", {"string", "null"}}, {"default", "none"}}},
                              {"controlnet_input_images",
                               {{"type", "array"},
                                {"items", picture_schema("PNG, JPEG or WebP")},
                                {"minItems", 1},
                                {"maxItems", most_controls}}},
                              {"controlnet_masks", {{"type", {"array", "null"}}, {"maxItems", most_controls}}},
                              {"controlnet_processor_res", {{"type", {"number", "null"}}}},
                              {"controlnet_threshold_a", {{"type", {"number", "null"}}}},
                              {"controlnet_threshold_b", {{"type", {"number", "null"}}}}}}};
    all["Detected"] = object_of({{"info", "string"}, {"images", "array"}});
    all["ControlNetModels"] = object_of({{"model_list", "array"}});
    all["ControlNetModules"] = object_of({{"module_list", "array"}, {"module_detail", "object"}});
    all["ControlNetTypes"] = object_of({{"control_types", "object"}});
    all["Any"] = ordered_json::object();
    return all;
}

/// What is known of an endpoint beyond its row in a table of routes.
struct Details {
    std::string_view method, path;
    std::string_view request;
    std::string_view answer;
    std::string_view type = "application/json";
    int status = 200;
};
constexpr Details details[] = {
    {"POST", "/sdapi/v1/txt2img", "Text2ImageRequest", "Pictures"},
    {"POST", "/sdapi/v1/img2img", "Image2ImageRequest", "Pictures"},
    {"GET", "/sdapi/v1/progress", "", "Progress"},
    {"GET", "/sdapi/v1/options", "", "Options"},
    {"POST", "/sdapi/v1/options", "Options", "Any"},
    {"POST", "/v1/images/generations", "OpenAiRequest", "OpenAiPictures"},
    {"POST", "/easel/v1/jobs", "Image2ImageRequest", "Job", "application/json", 202},
    {"GET", "/easel/v1/jobs/{id}", "", "Job"},
    {"DELETE", "/easel/v1/jobs/{id}", "", "", "", 204},
    {"GET", "/easel/v1/jobs/{id}/events", "", "", "text/event-stream"},
    {"GET", "/easel/v1/jobs/{id}/pictures/{number}", "", "", "image/png"},
    {"POST", "/easel/v1/tokens", "TokensRequest", "Tokens"},
    {"POST", "/easel/v1/mask", "MaskRequest", "PersonMask"},
    {"POST", "/easel/v1/annotate", "AnnotateRequest", "ControlPicture"},
    {"GET", "/controlnet/model_list", "", "ControlNetModels"},
    {"GET", "/controlnet/module_list", "", "ControlNetModules"},
    {"GET", "/controlnet/control_types", "", "ControlNetTypes"},
    {"POST", "/controlnet/detect", "DetectRequest", "Detected"},
    {"GET", "/metrics", "", "", "text/plain"},
};

const Details* details_of(const Route& route) {
    for (const Details& row : details)
        if (row.method == route.method && row.path == route.path) return &row;
    return nullptr;
}

/// "{id*}" as OpenAPI has it, and the parameters that stand in it.
std::string plain_path(std::string_view path, ordered_json& parameters) {
    std::string plain;
    for (std::size_t at = 0; at < path.size(); ++at) {
        if (path[at] == '*') continue;
        plain += path[at];
        if (path[at] != '{') continue;
        const std::size_t end = path.find_first_of("*}", at);
        parameters.push_back({{"name", path.substr(at + 1, end - at - 1)},
                              {"in", "path"},
                              {"required", true},
                              {"schema", {{"type", "string"}}}});
    }
    return plain;
}

ordered_json content(std::string_view type, std::string_view schema) {
    ordered_json value = ordered_json::object();
    if (!schema.empty()) value["schema"] = reference(schema);
    return {{type, value}};
}

ordered_json operation_of(const Route& route, ordered_json parameters) {
    static constexpr Details plain{.method = "", .path = "", .request = "", .answer = "Any"};
    const Details* known = details_of(route);
    const Details& row = known ? *known : plain;
    const bool is_openai = route.path.starts_with("/v1/");
    ordered_json operation;
    if (!parameters.empty()) operation["parameters"] = std::move(parameters);
    if (!row.request.empty())
        operation["requestBody"] = {{"required", true}, {"content", content("application/json", row.request)}};
    ordered_json answer = {{"description", "What was asked for."}};
    if (!row.type.empty()) answer["content"] = content(row.type, row.answer);
    operation["responses"][std::to_string(row.status)] = std::move(answer);
    operation["responses"]["default"] = {{"description", "A sentence that says what was wrong."},
                                         {"content", content("application/json", is_openai ? "OpenAiError" : "Error")}};
    return operation;
}

}  // namespace

ordered_json openapi_document() {
    ordered_json document = {{"openapi", "3.1.0"},
                             {"info", {{"title", "easel"}, {"version", version()}}},
                             {"paths", ordered_json::object()}};
    for (const Route& route : all_routes()) {
        if (details_of(route) == nullptr && route.method == "GET" && !route.path.starts_with("/sdapi/") &&
            !route.path.starts_with("/v1/") && !route.path.starts_with("/easel/") &&
            !route.path.starts_with("/controlnet/") && !route.path.ends_with("z"))
            continue;  // the page and its files
        ordered_json parameters = ordered_json::array();
        const std::string path = plain_path(route.path, parameters);
        std::string method(route.method);
        for (char& c : method) c = static_cast<char>(c - 'A' + 'a');
        document["paths"][path][method] = operation_of(route, std::move(parameters));
    }
    document["components"]["schemas"] = schemas();
    return document;
}

}  // namespace easel::server
