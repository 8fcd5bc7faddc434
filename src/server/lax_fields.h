#pragma once

#include <span>
#include <string>

#include <nlohmann/json.hpp>

#include "server/json.h"
#include "settings/setting.h"

namespace easel::server {

/// A truth that is written as a number or a text; other values as they are.
nlohmann::json lax_truth(const nlohmann::json& value);

/// Whether a field asks for something: true, a number but 0, a name but "None".
bool is_on(const nlohmann::json& value);

/// A row's value in an object: null, and an empty text where no text is wanted, which some clients send for nothing,
/// are none. Throws Error, naming the field.
Value lax_value(const SettingFacts& row, const nlohmann::json& object);

/// Sets what an object has of a table's fields. Throws as lax_value() does.
template <typename Owner>
void read_fields(Owner& owner, std::span<const Setting<Owner>> table, const nlohmann::json& object) {
    for (const Setting<Owner>& row : table)
        if (const Value value = lax_value(row, object); !std::holds_alternative<std::monostate>(value))
            set(owner, row, value);
}

}  // namespace easel::server
