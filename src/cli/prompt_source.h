#pragma once

#include <string>

namespace easel::cli {

/// The prompt that an argument means: the content of FILE, which may be a pipe, for "@FILE", standard input for "-" and
/// "@-", "@..." for "@@...", else the argument itself. A final line break and a byte order mark are not part
/// of the prompt. Sets `standard_input_is_read` after reading that. Throws Error if it is set already, if the file
/// cannot be read, and if it has more than 1 MiB.
std::string prompt_text(const std::string& given, bool& standard_input_is_read);

}  // namespace easel::cli
