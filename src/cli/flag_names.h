#pragma once

#include <span>
#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace easel::cli {

/// An error's sentence with the command's flags in place of fields: `num_inference_steps` becomes "--steps" where
/// `arguments` have it so, else the flag's first long name. A field for which the command has no flag loses its quotes.
std::string with_flags(std::string_view sentence, const CLI::App& command, std::span<const std::string> arguments);

/// The same with the keys of a job file: `num_inference_steps` becomes "num-inference-steps".
std::string with_job_keys(std::string_view sentence);

}  // namespace easel::cli
