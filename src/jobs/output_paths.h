#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/output_file.h"

namespace easel::jobs {

/// A file name made from a prompt: "a-cat-in-oil" for "A cat, in oil". Letters beyond ASCII are kept; at most 60 bytes.
std::string name_from_prompt(std::string_view prompt);

/// The files that `count` pictures with the name `output` are written to: a `%d` (or `%03d`, ...) in the name becomes
/// 1, 2, ...; for more than one picture without it, "-1", "-2", ... is put before the extension. `%%` is a percent
/// sign. Throws Error unless all of them can be written (see check_writable()).
std::vector<std::filesystem::path> numbered_paths(const std::filesystem::path& output, int count,
                                                  OutputFile::IfExists if_exists);

/// `count` unused names in the current folder: "cat-face.png", "cat-face-2.png", ...
std::vector<std::filesystem::path> free_paths(std::string_view prompt, int count);

}  // namespace easel::jobs
