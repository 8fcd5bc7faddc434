// What AUTOMATIC1111's API does with pictures besides drawing.
#include <span>

#include "pictures/format.h"
#include "pictures/parameters.h"
#include "server/json.h"
#include "server/picture_field.h"
#include "server/refusal.h"
#include "server/routes.h"
#include "settings/lora_tags.h"
#include "settings/stored_settings.h"

namespace easel::server {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

/// A settings text in its parts, all texts: "Prompt", "Negative prompt", and each entry of the last line. A size is
/// told side by side, as the web UI does.
ordered_json parts_of(const std::string& text) {
    ordered_json parts = ordered_json::object();
    const Request request = parse_parameters(text, "the picture").request;
    parts["Prompt"] = request.prompt + lora_tags(request.loras);
    parts["Negative prompt"] = request.negative_prompt;
    for (const auto& [key, value] : parameters_entries(text, "the picture")) {
        const std::size_t x = value.find('x');
        if (key == "Size" && x != std::string::npos) {
            parts["Size-1"] = value.substr(0, x);
            parts["Size-2"] = value.substr(x + 1);
        } else {
            parts[key] = value;
        }
    }
    return parts;
}

std::optional<HttpResponse> png_info(const Call& call) {
    const json body = object_in(call.request());
    const std::string bytes = picture_bytes(value_at(body, "image"), "image");
    const auto file = std::as_bytes(std::span(bytes));
    if (!format_of_bytes(file)) refuse_field(422, "image", "it is no PNG, JPEG or WebP picture");
    const std::string text = find_parameters(file).value_or("");
    ordered_json items = ordered_json::object(), parts = ordered_json::object();
    if (!text.empty()) {
        items["parameters"] = text;
        try {
            parts = parts_of(text);
        } catch (const Error&) {  // another program's text, which is told as it is
        }
    }
    return json_response({{"info", text}, {"items", items}, {"parameters", parts}});
}

std::optional<HttpResponse> no_captions(const Call&) { refuse_with(501, "describing pictures is not there yet"); }

}  // namespace

std::span<const Route> sdapi_picture_routes() {
    static constexpr Route routes[] = {
        {"POST", "/sdapi/v1/png-info", png_info},
        {"POST", "/sdapi/v1/interrogate", no_captions, Where::network},
    };
    return routes;
}

}  // namespace easel::server
