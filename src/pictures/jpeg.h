#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace easel {

/// The most bytes of an Exif block in a JPEG file, whose segments end at 64 kB.
inline constexpr std::size_t largest_jpeg_exif = 0xFFFF - 2 - 6;

/// The Exif block of a JPEG file; none if it has none.
std::optional<std::string_view> find_jpeg_exif(std::string_view jpeg);

/// The extended XMP document of a JPEG file, assembled from its segments; none if it has none, if a part is missing, or
/// if it is over 16 MiB.
std::optional<std::string> find_jpeg_extended_xmp(std::string_view jpeg);

/// The text of the first comment segment that begins with `prefix`, without the prefix; none if there is none.
std::optional<std::string_view> find_jpeg_comment(std::string_view jpeg, std::string_view prefix);

/// The JPEG file, which has no Exif block, with one of largest_jpeg_exif bytes at most put in.
std::string with_jpeg_exif(std::string jpeg, std::string_view exif);

/// The JPEG file, which has no XMP, with a document of any size up to 16 MiB put in as extended XMP: a packet that
/// names it by its MD5 sum, and as many segments as it takes (XMP specification part 3, 1.1.3.1).
std::string with_jpeg_extended_xmp(std::string jpeg, const std::string& xmp);

}  // namespace easel
