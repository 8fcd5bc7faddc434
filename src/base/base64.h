#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace easel {

/// The bytes in the 64 letters of RFC 4648, 4, padded with "=".
std::string base64(std::string_view bytes);

/// The reverse. Line breaks, spaces and missing padding are let pass; nothing for any other character.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace easel
