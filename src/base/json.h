#pragma once

#include <string_view>

#include <nlohmann/json.hpp>

namespace easel {

/// Parses JSON from outside. `where` names its origin in errors ("/a/b/config.json").
/// Throws Error on anything that is not JSON, on bytes that are not UTF-8, on keys that occur twice in one object, and
/// on values nested more than 32 levels deep.
nlohmann::json parse_json(std::string_view text, std::string_view where);

}  // namespace easel
