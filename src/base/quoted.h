#pragma once

#include <string>
#include <string_view>

namespace easel {

/// Text from outside for an error message: in quotes, at most 100 bytes of it, control characters as \x1b.
std::string in_quotes(std::string_view text);

}  // namespace easel
