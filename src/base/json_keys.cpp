#include "base/json_keys.h"

#include <algorithm>
#include <cstddef>

#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/quoted.h"

namespace easel {
namespace {

constexpr std::size_t most_named = 8;

bool asks_for_nothing(const nlohmann::json& value) { return value.is_null() || value == false; }

}  // namespace

std::vector<std::string> check_keys(const nlohmann::json& object, const KnownKeys& keys, std::string_view where) {
    std::vector<std::string> unknown;
    for (const auto& [key, value] : object.items()) {
        if (key.starts_with('_') || asks_for_nothing(value)) continue;
        if (std::ranges::find(keys.known, std::string_view(key)) != keys.known.end()) continue;
        const auto unsupported = std::ranges::find(keys.unsupported, std::string_view(key), &KeyWithOneValue::key);
        if (unsupported == keys.unsupported.end()) {
            unknown.push_back(in_quotes(key));
        } else if (value != nlohmann::json::parse(unsupported->value)) {
            const std::string shown = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
            fail(ErrorKind::unsupported, "{}: \"{}\" is {:.60}{}, which is not supported (only {} is)", where, key,
                 shown, shown.size() > 60 ? "..." : "", unsupported->value);
        }
    }
    if (unknown.empty()) return {};
    const std::size_t more = unknown.size() - std::min(unknown.size(), most_named);
    unknown.resize(unknown.size() - more);
    return {fmt::format("{}: these settings are unknown to easel and ignored: {}{}", where, fmt::join(unknown, ", "),
                        more > 0 ? fmt::format(" and {} more", more) : "")};
}

}  // namespace easel
