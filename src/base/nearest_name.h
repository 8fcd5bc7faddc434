#pragma once

#include <span>
#include <string>
#include <string_view>

namespace easel {

/// The one of `names` that is most like `name`, for a suggestion: "steps" for "stpes". Empty when none is near, that is
/// when a third of the letters or more would have to change.
std::string nearest_name(std::span<const std::string> names, std::string_view name);

}  // namespace easel
