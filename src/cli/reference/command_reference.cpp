#include "cli/reference/command_reference.h"

#include <algorithm>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/command_names.h"
#include "cli/help_formatter.h"

namespace easel::cli {
namespace {

OptionReference reference_of(const CLI::Option& option) {
    OptionReference reference{.flags = {},
                              .name = option.get_positional() ? option.get_name(true) : "",
                              .value = value_of(option),
                              .description = description_of(option),
                              .is_required = option.get_required()};
    for (const std::string& name : option.get_snames()) reference.flags.push_back("-" + name);
    for (const std::string& name : option.get_lnames()) reference.flags.push_back("--" + name);
    return reference;
}

}  // namespace

CommandReference reference_of(const CLI::App& command) {
    CommandReference reference{.words = words_to(command),
                               .description = command.get_description(),
                               .footer = command.get_footer(),
                               .arguments = {},
                               .options = {},
                               .commands = {}};
    for (const CLI::Option* option : command.get_options())
        (option->get_positional() ? reference.arguments : reference.options).push_back(reference_of(*option));
    for (const CLI::App* sub_command : command.get_subcommands({}))
        reference.commands.push_back(reference_of(*sub_command));
    return reference;
}

std::string CommandReference::key() const {
    std::string key = words.substr(words.find(' ') + 1);
    std::ranges::replace(key, ' ', '.');
    return key;
}

const CommandReference& command_named(const CommandReference& easel, std::string_view name) {
    return *std::ranges::find_if(easel.commands,
                                 [&](const CommandReference& command) { return command.name() == name; });
}

}  // namespace easel::cli
