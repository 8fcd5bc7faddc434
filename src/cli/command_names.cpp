#include "cli/command_names.h"

#include <algorithm>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

namespace easel::cli {

std::vector<std::string> commands_of(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
    return names;
}

std::string words_to(const CLI::App& command) {
    const CLI::App* parent = command.get_parent();
    return parent ? fmt::format("{} {}", words_to(*parent), command.get_name()) : command.get_name();
}

const CLI::App& given_command(const CLI::App& app) {
    const auto commands = app.get_subcommands();
    return commands.empty() ? app : given_command(*commands.front());
}

std::string field_of(const CLI::Option& option) {
    std::string field = option.get_lnames().empty() ? option.get_name() : option.get_lnames().front();
    std::ranges::replace(field, '-', '_');
    return field;
}

bool is_whole_number(const CLI::Option& option) {
    const std::string type = option.get_type_name();
    return type.starts_with("INT") || type.starts_with("UINT");
}

bool is_number(const CLI::Option& option) {
    return is_whole_number(option) || option.get_type_name().starts_with("FLOAT");
}

}  // namespace easel::cli
