#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace easel {

// Paths and numbers with colons between them, A:B:0.5. A colon in a path is written as "\:", a backslash before a colon
// as "\\".

/// The text between colons, as it was before path_part().
std::vector<std::string> path_parts(std::string_view text);

/// A path as it is written between colons.
std::string path_part(const std::filesystem::path& path);

/// The number that a part is; NaN if it is none.
double number_part(std::string_view text);

/// What is stored of a path: of an absolute one the name alone.
std::filesystem::path stored_path(const std::filesystem::path& path);

}  // namespace easel
