#include "server/lax_fields.h"

#include <algorithm>
#include <cctype>

namespace easel::server {

using nlohmann::json;

json lax_truth(const json& value) {
    if (value.is_number()) return value == 1 ? json(true) : value == 0 ? json(false) : value;
    if (!value.is_string()) return value;
    std::string text = value.get<std::string>();
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (text == "true" || text == "1") return true;
    if (text == "false" || text == "0") return false;
    return value;
}

bool is_on(const json& value) {
    if (value.is_boolean()) return value.get<bool>();
    if (value.is_number()) return value != 0;
    if (value.is_string()) return value != "" && value != "None" && value != "none" && lax_truth(value) != false;
    return !value.is_null() && !value.empty();
}

Value lax_value(const SettingFacts& row, const json& object) {
    const json& value = value_at(object, std::string(row.field).c_str());
    if (value == "" && !std::holds_alternative<Text>(row.kind)) return {};
    return value_from_json(row, std::holds_alternative<Truth>(row.kind) ? lax_truth(value) : value);
}

}  // namespace easel::server
