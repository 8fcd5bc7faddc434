#include "base/json_field.h"

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace easel {

std::string shown(const nlohmann::json& value) {
    constexpr std::size_t longest = 60;
    const std::string text = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return text.size() <= longest ? text : fmt::format("{:.{}}...", text, longest);
}

bool JsonField::is_null() const { return value_->is_null(); }

bool JsonField::boolean() const {
    if (!value_->is_boolean()) refuse("true or false");
    return value_->get<bool>();
}

int JsonField::whole(int least, int most) const {
    const std::string wanted = fmt::format("a whole number from {} to {}", least, most);
    const double read = any_number(wanted);
    if (!(read >= least && read <= most) || read != std::floor(read)) refuse(wanted);
    return static_cast<int>(read);
}

double JsonField::number(double least, double most) const {
    const std::string wanted = fmt::format("a number from {} to {}", least, most);
    const double read = any_number(wanted);
    if (!(read >= least && read <= most)) refuse(wanted);
    return read;
}

double JsonField::between(double least, double most) const {
    const std::string wanted = fmt::format("a number above {} and below {}", least, most);
    const double read = any_number(wanted);
    if (!(read > least && read < most)) refuse(wanted);
    return read;
}

const std::string& JsonField::text() const {
    if (!value_->is_string()) refuse("a text");
    return value_->get_ref<const std::string&>();
}

const nlohmann::json& JsonField::list() const {
    if (!value_->is_array()) refuse("a list");
    return *value_;
}

const nlohmann::json& JsonField::object() const {
    if (!value_->is_object()) refuse("an object");
    return *value_;
}

void JsonField::refuse(std::string_view wanted) const {
    fail(ErrorKind::damaged, "{}: \"{}\" is {}, but must be {}", where_, key_, shown(*value_), wanted);
}

double JsonField::any_number(std::string_view wanted) const {
    if (!value_->is_number()) refuse(wanted);
    return value_->get<double>();
}

void require_object(const nlohmann::json& json, std::string_view where) {
    if (!json.is_object()) fail(ErrorKind::damaged, "{}: must be a JSON object, but is {}", where, json.type_name());
}

std::optional<JsonField> optional_field(const nlohmann::json& object, std::string_view key, std::string_view where) {
    const auto found = object.find(key);
    if (found == object.end() || found->is_null()) return std::nullopt;
    return JsonField(*found, key, where);
}

JsonField required_field(const nlohmann::json& object, std::string_view key, std::string_view wanted,
                         std::string_view where) {
    const auto found = object.find(key);
    if (found == object.end()) fail(ErrorKind::damaged, "{}: \"{}\" is missing; it must be {}", where, key, wanted);
    return {*found, key, where};
}

}  // namespace easel
