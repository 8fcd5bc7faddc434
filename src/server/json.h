#pragma once

#include <nlohmann/json.hpp>

#include "server/http.h"

namespace easel::server {

/// The object that a request's body is. Throws Refusal (422) when it is no JSON object; an empty body is an empty
/// object where `may_be_empty`.
nlohmann::json object_in(const HttpRequest& request, bool may_be_empty = false);

/// An answer in JSON. Bytes that are not UTF-8 are replaced.
HttpResponse json_response(const nlohmann::ordered_json& json, int status = 200);

/// Whether a field holds something: clients send null or an empty text for nothing.
bool is_given(const nlohmann::json& value);

/// The value under `key`; null where there is none.
const nlohmann::json& value_at(const nlohmann::json& object, const char* key);

}  // namespace easel::server
