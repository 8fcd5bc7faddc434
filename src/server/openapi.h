#pragma once

#include <nlohmann/json.hpp>

namespace easel::server {

/// The description of all endpoints, as OpenAPI 3.1 has it. The fields of requests, their limits and defaults are those
/// of the tables that requests are read with.
nlohmann::ordered_json openapi_document();

}  // namespace easel::server
