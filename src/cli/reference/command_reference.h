#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/value_kinds.h"

namespace CLI {
class App;
}

namespace easel::cli {

/// An option as a manual has it.
struct OptionReference {
    /// As they are typed, the short ones first: "-W", "--width". A positional option has none.
    std::vector<std::string> flags;
    /// Of a positional option.
    std::string name;
    ValueName value;
    std::string description;
    bool is_required = false;
};

/// A command as a manual has it.
struct CommandReference {
    /// "easel models rm"
    std::string words;
    std::string description;
    /// What follows the options in the help: examples and remarks.
    std::string footer;
    std::vector<OptionReference> arguments, options;
    std::vector<CommandReference> commands;

    /// "rm"
    std::string name() const { return words.substr(words.rfind(' ') + 1); }
    /// "models.rm": in the completion scripts' cases.
    std::string key() const;
};

/// What is known of a command and its sub-commands.
CommandReference reference_of(const CLI::App& command);

/// The command of that name; it must exist.
const CommandReference& command_named(const CommandReference& easel, std::string_view name);

}  // namespace easel::cli
