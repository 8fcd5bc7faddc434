#include "base/json.h"

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/quoted.h"

namespace easel {
namespace {

using nlohmann::json;

constexpr std::size_t deepest = 32;

/// The beginning of a text from outside, which may be of any length, for a sentence.
std::string shortened(std::string_view text) {
    constexpr std::size_t longest = 200;
    return text.size() <= longest ? std::string(text) : std::string(text.substr(0, longest)) + "...";
}

/// Receives the events of nlohmann's parser and refuses what the parser would accept. A parser callback could do the
/// same, but nlohmann then scans a whole list after each object in it, which takes hours for a megabyte of "{},".
class Check : public nlohmann::json_sax<json> {
  public:
    explicit Check(std::string_view where) : where_(where) {}

    bool start_object(std::size_t) override { return enter(); }
    bool start_array(std::size_t) override { return enter(); }
    bool end_object() override { return leave(); }
    bool end_array() override { return leave(); }

    bool key(std::string& key) override {
        if (!keys_.back().insert(key).second)
            fail(ErrorKind::damaged, "{}: the key {} occurs twice in its JSON", where_, in_quotes(key));
        return true;
    }

    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(std::int64_t) override { return true; }
    bool number_unsigned(std::uint64_t) override { return true; }
    bool number_float(double, const std::string&) override { return true; }
    bool string(std::string&) override { return true; }
    bool binary(json::binary_t&) override { return true; }

    bool parse_error(std::size_t, const std::string&, const json::exception& e) override {
        // nlohmann's text starts with "[json.exception.parse_error.101] "
        std::string_view what = e.what();
        if (const auto end = what.find("] "); what.starts_with('[') && end != std::string_view::npos)
            what.remove_prefix(end + 2);
        fail(ErrorKind::damaged, "{}: it is not valid JSON ({})", where_, shortened(what));
    }

  private:
    bool enter() {
        if (keys_.size() == deepest)
            fail(ErrorKind::damaged, "{}: its JSON is nested more than {} levels deep", where_, deepest);
        keys_.emplace_back();
        return true;
    }

    bool leave() {
        keys_.pop_back();
        return true;
    }

    std::string_view where_;
    /// Those of each open object; none for lists.
    std::vector<std::set<std::string>> keys_;
};

}  // namespace

json parse_json(std::string_view text, std::string_view where) {
    Check check(where);
    json::sax_parse(text, &check);
    return json::parse(text);
}

}  // namespace easel
