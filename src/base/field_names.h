#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace easel {

/// An error's sentence with the fields in it renamed: each `field` in backquotes for which `name_of` returns a name is
/// replaced with that name, without backquotes. The rest stays.
std::string with_field_names(std::string_view sentence,
                             const std::function<std::optional<std::string>(std::string_view field)>& name_of);

}  // namespace easel
