#pragma once

#include <string>
#include <string_view>

namespace easel {

/// A prompt for a settings text: unchanged, or as a JSON string on one line if a reader would take a part of it for
/// something else, such as a line "Negative prompt: ...".
std::string quoted_prompt(const std::string& prompt);

/// The prompts at the front of a settings text: a line, or several, and those of "Negative prompt: ..." if there is
/// one.
std::string prompts_text(const std::string& prompt, const std::string& negative_prompt);

/// The reverse of quoted_prompt(). Quotes that quoted_prompt() would not have written are part of the prompt.
std::string unquoted_prompt(std::string_view text);

}  // namespace easel
