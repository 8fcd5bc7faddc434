#pragma once

#include <string>
#include <string_view>

namespace easel {

/// The text with control characters as \x1b, so that it is one line and moves no cursor where it is printed.
std::string on_one_line(std::string_view text);

/// Text from outside for an error message: in quotes, at most 100 bytes of it, control characters as \x1b.
std::string in_quotes(std::string_view text);

}  // namespace easel
