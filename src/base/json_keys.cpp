#include "base/json_keys.h"

#include <algorithm>
#include <cstddef>

#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_field.h"
#include "base/quoted.h"

namespace easel {
namespace {

constexpr std::size_t most_named = 8;

bool asks_for_nothing(const nlohmann::json& value) { return value.is_null() || value == false; }

/// Where the one value is null or false, each stands for the other.
bool is_off(const nlohmann::json& value, const nlohmann::json& one) {
    return value.is_null() || value == one || (asks_for_nothing(value) && asks_for_nothing(one));
}

}  // namespace

std::vector<std::string> check_keys(const nlohmann::json& object, const KnownKeys& keys, std::string_view where) {
    std::vector<std::string> unknown;
    for (const auto& [key, value] : object.items()) {
        const auto unsupported = std::ranges::find(keys.unsupported, std::string_view(key), &KeyWithOneValue::key);
        if (unsupported != keys.unsupported.end()) {
            if (!is_off(value, nlohmann::json::parse(unsupported->value)))
                fail(ErrorKind::unsupported, "{}: \"{}\" is {}, which is not supported (only {} is)", where, key,
                     shown(value), unsupported->value);
            continue;
        }
        if (key.starts_with('_') || asks_for_nothing(value)) continue;
        if (std::ranges::find(keys.known, std::string_view(key)) == keys.known.end()) unknown.push_back(in_quotes(key));
    }
    if (unknown.empty()) return {};
    const std::size_t more = unknown.size() - std::min(unknown.size(), most_named);
    unknown.resize(unknown.size() - more);
    return {fmt::format("{}: these settings are unknown to easel and ignored: {}{}", where, fmt::join(unknown, ", "),
                        more > 0 ? fmt::format(" and {} more", more) : "")};
}

}  // namespace easel
