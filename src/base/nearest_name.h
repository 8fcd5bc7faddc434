#pragma once

#include <span>
#include <string>
#include <string_view>

namespace easel {

/// The one of `names` that is most similar to `name`, for a suggestion: "steps" for "stpes". Empty if none is similar:
/// if a third of the letters or more would have to change.
std::string nearest_name(std::span<const std::string> names, std::string_view name);

}  // namespace easel
