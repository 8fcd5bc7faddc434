#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace easel {

/// The Exif block of a WebP file; none if it has none.
std::optional<std::string_view> find_webp_exif(std::string_view webp);

/// A WebP file of one frame in the simple format: the same picture without metadata.
std::string bare_webp(std::string_view webp);

/// The file that bare_webp() gives, of `width` x `height` pixels, in the extended format with an Exif block.
std::string with_webp_exif(std::string_view bare, int width, int height, std::string_view exif);

}  // namespace easel
