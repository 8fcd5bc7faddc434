#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace easel {

/// The Exif block of a JPEG file, none when it has none.
std::optional<std::string_view> find_jpeg_exif(std::string_view jpeg);

/// The text of the first comment segment that begins with `prefix`, without that; none when there is none.
std::optional<std::string_view> find_jpeg_comment(std::string_view jpeg, std::string_view prefix);

/// The JPEG file, which has no Exif block, with one put in. Throws Error when it is over 64 kB, which is all that fits.
std::string with_jpeg_exif(std::string jpeg, std::string_view exif);

}  // namespace easel
