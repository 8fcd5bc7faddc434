#include "settings/model_defaults.h"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/ranges.h>

#include "base/error.h"
#include "base/field_names.h"
#include "base/json.h"
#include "base/quoted.h"
#include "settings/table.h"

namespace easel {
namespace {

std::vector<std::string_view> known_keys() {
    std::vector<std::string_view> keys;
    for (const Setting<Request>& setting : settings_table())
        if (!setting.model_key.empty()) keys.push_back(setting.model_key);
    return keys;
}

const Setting<Request>& setting_of_key(std::string_view key, std::string_view where) {
    for (const Setting<Request>& setting : settings_table())
        if (!key.empty() && setting.model_key == key) return setting;
    fail(ErrorKind::damaged, "{}: unknown key {}; known are {}", where, in_quotes(key), fmt::join(known_keys(), ", "));
}

}  // namespace

ModelDefaults parse_model_defaults(std::string_view text, std::string_view where) {
    const nlohmann::json json = parse_json(text, where);
    if (!json.is_object()) fail(ErrorKind::damaged, "{}: must be a JSON object", where);

    ModelDefaults defaults;
    for (const auto& [key, value] : json.items()) {
        const Setting<Request>& setting = setting_of_key(key, where);
        try {
            set(defaults, setting, value_from_json(setting, value));
        } catch (const Error& error) {
            const std::string quoted_key = fmt::format("\"{}\"", key);
            fail(ErrorKind::damaged, "{}: {}", where,
                 with_field_names(error.what(), [&](std::string_view) { return quoted_key; }));
        }
    }
    return defaults;
}

}  // namespace easel
