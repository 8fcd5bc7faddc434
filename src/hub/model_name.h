#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace easel::hub {

/// A model on a hub: "owner/name" or "owner/name@revision". Everything in it was checked: it is safe in a path, in a
/// URL once percent-encoded, and on a terminal.
struct ModelName {
    std::string owner, name;
    /// A branch, a tag or a commit.
    std::string revision = "main";

    /// "owner/name"
    std::string id() const;
    /// As a person writes it: with the revision only if it is not "main".
    std::string text() const;
};

/// None if `text` is not such a name: by the hub's rules a part has 1 to 96 of the characters A-Z a-z 0-9 - _ . and
/// neither "--" nor ".." in it. The name of a weights file, as in "models/a.safetensors", is a path, not a name.
std::optional<ModelName> parse_model_name(std::string_view text);

/// Whether a name that comes from the hub may become a path below a folder: relative, "/" between the parts, none of
/// them empty, "." or "..", no backslash and no control character.
bool is_safe_path(std::string_view path);

/// Whether `text` is the full hash of a commit: 40 hexadecimal digits.
bool is_commit(std::string_view text);

}  // namespace easel::hub
