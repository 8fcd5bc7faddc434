#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/output_file.h"

namespace easel::jobs {

/// A file name made from a prompt: "A cat, in oil" gives "a-cat-in-oil". Letters beyond ASCII stay; at most 60 bytes.
std::string name_from_prompt(std::string_view prompt);

/// The files that `count` pictures asked for as `output` go to: a `%d` (or `%03d`, ...) in the name becomes 1, 2, ...;
/// for more than one picture without it, "-1", "-2", ... goes before the extension. `%%` is a percent sign. Throws
/// Error unless all of them can be written (see check_writable()).
std::vector<std::filesystem::path> numbered_paths(const std::filesystem::path& output, int count,
                                                  OutputFile::IfExists if_exists);

/// `count` names in the current folder that no file has yet: "cat-face.png", "cat-face-2.png", ...
std::vector<std::filesystem::path> free_paths(std::string_view prompt, int count);

}  // namespace easel::jobs
