#include "server/json.h"

#include <algorithm>

#include "base/json.h"
#include "server/refusal.h"

namespace easel::server {

nlohmann::json object_in(const HttpRequest& request, bool may_be_empty) {
    const bool is_blank = std::ranges::all_of(request.body, [](char c) { return c == ' ' || c == '\n' || c == '\r'; });
    if (is_blank && may_be_empty) return nlohmann::json::object();
    nlohmann::json json;
    try {
        json = parse_json(request.body, "the request's body");
    } catch (const Error& error) {
        throw Refusal(422, error.what());
    }
    if (!json.is_object()) refuse_with(422, "the request's body must be a JSON object");
    return json;
}

HttpResponse json_response(const nlohmann::ordered_json& json, int status) {
    return {.status = status, .body = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)};
}

bool is_given(const nlohmann::json& value) { return !value.is_null() && value != ""; }

const nlohmann::json& value_at(const nlohmann::json& object, const char* key) {
    static const nlohmann::json none;
    const auto found = object.find(key);
    return found == object.end() ? none : *found;
}

}  // namespace easel::server
