#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace easel::cli {

/// The names of the app's sub-commands.
std::vector<std::string> commands_of(const CLI::App& app);

/// The words that lead to a command: "easel models rm".
std::string words_to(const CLI::App& command);

/// The innermost sub-command that was given, or `app` itself.
const CLI::App& given_command(const CLI::App& app);

/// The field that an option sets, by its name in the library: "num_inference_steps".
std::string field_of(const CLI::Option& option);

/// Whether the option's value is a number.
bool is_number(const CLI::Option& option);
bool is_whole_number(const CLI::Option& option);

}  // namespace easel::cli
