#pragma once

#include <string>

namespace easel::cli {

/// The prompt that an argument means: the content of FILE for "@FILE", standard input for "-", "@..." for "@@...", else
/// the argument itself. The line break that ends a file and a byte order mark are no part of the prompt. Sets
/// `standard_input_is_read` when that was read. Throws Error when that was set already, when the file cannot be read,
/// and on more than 1 MiB.
std::string prompt_text(const std::string& given, bool& standard_input_is_read);

}  // namespace easel::cli
