#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace easel {

/// A JSON value for an error message: at most 60 bytes of it.
std::string shown(const nlohmann::json& value);

/// A value of a JSON object from outside, and what errors call it. Each reader throws Error of kind `damaged`, which
/// names file and key and says what is expected, if the value is of another type or out of range. Refers to what it is
/// made from.
class JsonField {
  public:
    /// `where` names the file.
    JsonField(const nlohmann::json& value, std::string_view key, std::string_view where)
        : value_(&value), key_(key), where_(where) {}

    const nlohmann::json& value() const { return *value_; }
    bool is_null() const;

    bool boolean() const;
    /// A whole number from `least` to `most`, also if it is written as 20.0.
    int whole(int least, int most) const;
    /// From `least` to `most`.
    double number(double least, double most) const;
    /// Above `least` and below `most`.
    double between(double least, double most) const;
    const std::string& text() const;
    const nlohmann::json& list() const;
    const nlohmann::json& object() const;
    /// One of the values in a list, which errors call by the same key.
    JsonField entry(const nlohmann::json& value) const { return {value, key_, where_}; }

    /// Throws the Error: `wanted` is what the value must be, such as "true or false".
    [[noreturn]] void refuse(std::string_view wanted) const;

  private:
    double any_number(std::string_view wanted) const;

    const nlohmann::json* value_;
    std::string_view key_, where_;
};

/// Throws Error of kind `damaged` unless `json`, the content of the file `where`, is an object.
void require_object(const nlohmann::json& json, std::string_view where);

/// A key of an object; none if it is missing or null.
std::optional<JsonField> optional_field(const nlohmann::json& object, std::string_view key, std::string_view where);

/// A key of an object. Throws Error if it is missing: `wanted` is what it must be.
JsonField required_field(const nlohmann::json& object, std::string_view key, std::string_view wanted,
                         std::string_view where);

}  // namespace easel
