#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "pictures/format.h"

namespace easel {

/// The settings text that Stable Diffusion programs store in the pictures they draw: in PNG the text chunk
/// `parameters`, in JPEG and WebP the EXIF UserComment, in JPEG also the UserComment of extended XMP or a comment
/// segment of that name. In UTF-8; none if there is none. Throws Error if the file cannot be read or is not a PNG,
/// JPEG or WebP picture.
std::optional<std::string> read_parameters(const std::filesystem::path& path);

/// The same from a file's bytes; none if they are of no known kind.
std::optional<std::string> find_parameters(std::span<const std::byte> bytes);

/// Whether the text is too long for the Exif block of that format, so that with_parameters() stores it as XMP, which
/// fewer programs read. Throws Error when the text is not UTF-8.
bool exceeds_exif(PictureFormat format, std::string_view text);

/// The encoded picture, of `width` x `height` pixels and without any metadata, with the settings text put in.
/// Throws Error when the text is not UTF-8.
std::string with_parameters(std::string encoded, PictureFormat format, int width, int height, std::string_view text);

}  // namespace easel
