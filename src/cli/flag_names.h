#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/arguments.h"

namespace easel::cli {

/// The option's flag as it was typed, else its first long flag. Of a positional option, its name.
std::string flag_of(const CLI::Option& option, std::span<const TypedFlag> typed);

/// An error's sentence with the command's flags in place of fields: `num_inference_steps` becomes "--steps" if that was
/// typed, else the first long flag. A field without a flag in this command loses its backquotes.
std::string with_flags(std::string_view sentence, const CLI::App& command, std::span<const TypedFlag> typed);

}  // namespace easel::cli
