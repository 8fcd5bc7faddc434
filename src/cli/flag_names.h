#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/arguments.h"

namespace easel::cli {

/// The option's flag as it was typed, else its first long name with dashes; of a positional option its name.
std::string flag_of(const CLI::Option& option, std::span<const TypedFlag> typed);

/// An error's sentence with the command's flags in place of fields: `num_inference_steps` becomes "--steps" when that
/// was typed, else the flag's first long name. A field for which the command has no flag loses its quotes.
std::string with_flags(std::string_view sentence, const CLI::App& command, std::span<const TypedFlag> typed);

/// The same with the keys of a job file: `num_inference_steps` becomes "num-inference-steps".
std::string with_job_keys(std::string_view sentence);

}  // namespace easel::cli
