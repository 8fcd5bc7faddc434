#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>

namespace easel {

/// The kinds of picture file that are read and written.
enum class PictureFormat { png, jpeg, webp };

/// "PNG", "JPEG" or "WebP".
std::string_view name_of(PictureFormat format);

/// The format that a file's first bytes indicate, regardless of its name; none for any other kind of file.
std::optional<PictureFormat> format_of_bytes(std::span<const std::byte> bytes);

/// The format that the name's extension asks for: .png, .jpg, .jpeg or .webp in upper or lower case. Throws
/// Error of kind bad_request for any other, so it can be called before long work begins.
PictureFormat format_of_path(const std::filesystem::path& path);

}  // namespace easel
