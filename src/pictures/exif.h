#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace easel {

/// An Exif block (a TIFF structure, big-endian) with one entry: `text` as UserComment, in UTF-16 after the character
/// code "UNICODE" (Exif 2.3, 4.6.5). Throws Error when `text` is not UTF-8.
std::string exif_with_comment(std::string_view text);

/// The UserComment of an Exif block, in UTF-8; none if there is none or the block is damaged. Writers disagree on the
/// byte order of its UTF-16, so it is detected from the text.
std::optional<std::string> comment_of_exif(std::span<const std::byte> exif);

}  // namespace easel
