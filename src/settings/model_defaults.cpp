#include "settings/model_defaults.h"

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/error.h"
#include "base/field_names.h"
#include "base/json.h"
#include "base/json_field.h"
#include "base/json_keys.h"
#include "settings/table.h"

namespace easel {
namespace {

std::vector<std::string_view> known_keys() {
    std::vector<std::string_view> keys;
    for (const Setting<Request>& setting : settings_table())
        if (!setting.model_key.empty()) keys.push_back(setting.model_key);
    return keys;
}

/// Null when there is none.
const Setting<Request>* setting_of_key(std::string_view key) {
    for (const Setting<Request>& setting : settings_table())
        if (!key.empty() && setting.model_key == key) return &setting;
    return nullptr;
}

}  // namespace

ModelDefaults parse_model_defaults(std::string_view text, std::string_view where, std::vector<std::string>& notes) {
    const nlohmann::json json = parse_json(text, where);
    require_object(json, where);

    ModelDefaults defaults;
    for (std::string& note : check_keys(json, {.known = known_keys()}, where)) notes.push_back(std::move(note));
    for (const auto& [key, value] : json.items()) {
        const Setting<Request>* setting = setting_of_key(key);
        if (!setting || value.is_null()) continue;
        try {
            set(defaults, *setting, value_from_json(*setting, value));
        } catch (const Error& error) {
            const std::string quoted_key = fmt::format("\"{}\"", key);
            fail(ErrorKind::damaged, "{}: {}", where,
                 with_field_names(error.what(), [&](std::string_view) { return quoted_key; }));
        }
    }
    return defaults;
}

}  // namespace easel
