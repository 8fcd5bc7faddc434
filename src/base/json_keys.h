#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace easel {

/// A key that changes the picture and that easel supports with one value only.
struct KeyWithOneValue {
    std::string_view key;
    /// As JSON: "false", "1", "\"silu\"".
    std::string_view value;
};

/// The keys that a reader of a JSON object knows of.
struct KnownKeys {
    /// Those that it reads, and those that do not change a picture.
    std::span<const std::string_view> known;
    std::span<const KeyWithOneValue> unsupported = {};
};

/// The one policy for the keys of a model's JSON files (scheduler, networks, easel.json). A key passes if it is known,
/// begins with "_", or is null or false: files of newer programs name features to say that they are off. Any other
/// unknown key is ignored and noted: all of them in one sentence, which is returned. Throws Error of kind unsupported
/// on an unsupported key that is neither null nor the one value. `where` names the file.
std::vector<std::string> check_keys(const nlohmann::json& object, const KnownKeys& keys, std::string_view where);

}  // namespace easel
