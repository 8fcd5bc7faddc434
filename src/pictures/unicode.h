#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace easel {

enum class ByteOrder { big, little };

/// Text whose encoding is UTF-8 by specification or convention: unchanged if it is valid UTF-8, else read as Latin-1.
std::string utf8_or_latin1(std::span<const std::byte> bytes);

/// UTF-16 to UTF-8; half of a surrogate pair on its own becomes U+FFFD.
std::string utf8_of_utf16(std::span<const std::byte> bytes, ByteOrder order);

/// UTF-8 to big-endian UTF-16. Throws Error when `text` is not UTF-8.
std::string utf16_of_utf8(std::string_view text);

}  // namespace easel
