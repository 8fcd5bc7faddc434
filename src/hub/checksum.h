#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>

namespace easel::hub {

/// The hub's etag for a file's content: 64 hexadecimal digits are the SHA-256 of a large file (LFS), 40
/// are the SHA-1 that git gives a small one (of "blob <size>", a zero byte and the content).
bool is_checksum(std::string_view etag);

/// The checksum of a file, of the same kind as `like`, in lower case. Throws Error when the file cannot be read, and
/// Cancelled.
std::string checksum_of(const std::filesystem::path& file, std::string_view like, std::stop_token stop);

}  // namespace easel::hub
