#include "base/json.h"

#include <set>
#include <string>
#include <vector>

#include "base/error.h"

namespace easel {
namespace {

constexpr int deepest = 64;

/// The beginning of a text from outside that may be of any length, for a sentence.
std::string shortened(std::string_view text) {
    constexpr std::size_t longest = 200;
    return text.size() <= longest ? std::string(text) : std::string(text.substr(0, longest)) + "...";
}

}  // namespace

nlohmann::json parse_json(std::string_view text, std::string_view where) {
    using nlohmann::json;
    std::vector<std::set<std::string>> keys_of_open_objects;
    const auto check = [&](int depth, json::parse_event_t event, json& parsed) {
        switch (event) {
            case json::parse_event_t::object_start:
                keys_of_open_objects.emplace_back();
                [[fallthrough]];
            case json::parse_event_t::array_start:
                if (depth >= deepest) fail("{}: its JSON is nested more than {} deep", where, deepest);
                break;
            case json::parse_event_t::object_end:
                keys_of_open_objects.pop_back();
                break;
            case json::parse_event_t::key:
                if (!keys_of_open_objects.back().insert(parsed.get<std::string>()).second)
                    fail("{}: the key \"{}\" occurs twice in its JSON", where, shortened(parsed.get<std::string>()));
                break;
            default:
                break;
        }
        return true;
    };
    try {
        return json::parse(text, check);
    } catch (const json::exception& e) {
        // nlohmann's text starts with "[json.exception.parse_error.101] "
        std::string_view what = e.what();
        if (const auto end = what.find("] "); what.starts_with('[') && end != std::string_view::npos)
            what.remove_prefix(end + 2);
        fail("{}: it is not valid JSON ({})", where, shortened(what));
    }
}

}  // namespace easel
