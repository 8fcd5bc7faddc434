#include "cli/parse_errors.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include "base/nearest_name.h"

namespace easel::cli {
namespace {

std::vector<std::string> flags_of(const CLI::App& command) {
    std::vector<std::string> flags;
    for (const CLI::Option* option : command.get_options())
        for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
    return flags;
}

std::vector<std::string> commands_of(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
    return names;
}

/// The words that lead to a command, "easel models rm".
std::string words_to(const CLI::App& command) {
    const CLI::App* parent = command.get_parent();
    return parent ? fmt::format("{} {}", words_to(*parent), command.get_name()) : command.get_name();
}

/// What `easel inspct cat.png` may have meant, which was taken for a prompt: the command, or nothing.
std::string misspelled_command(const CLI::App& app, const CLI::App& command) {
    const CLI::Option* words = command.get_option_no_throw("words");
    return words && words->count() > 0 ? nearest_name(commands_of(app), words->results().front()) : "";
}

std::string about_extras(const CLI::App& app, const CLI::App& command) {
    const std::vector<std::string> extras = command.remaining();
    const auto flag = std::ranges::find_if(extras, [](const std::string& extra) { return extra.starts_with('-'); });
    if (const std::string meant = misspelled_command(app, command); !meant.empty())
        return fmt::format("\"{}\" is taken for a prompt, for there is no such command; did you mean easel {}?",
                           command.get_option("words")->results().front(), meant);
    if (flag == extras.end()) {
        if (const std::string meant = nearest_name(commands_of(command), extras.front()); !meant.empty())
            return fmt::format("there is no {} {}; did you mean {}?", words_to(command), extras.front(), meant);
        const bool takes_prompt = command.get_option_no_throw("--prompt") || command.get_option_no_throw("prompt");
        return fmt::format(
            "\"{}\" was not expected; {}", extras.front(),
            takes_prompt ? "put a text of several words in quotes" : fmt::format("see {} --help", words_to(command)));
    }
    const std::string name = flag->substr(0, flag->find('='));
    std::vector<std::string> flags = flags_of(command);
    std::ranges::copy(flags_of(app), std::back_inserter(flags));
    if (const std::string nearest = nearest_name(flags, name); !nearest.empty())
        return fmt::format("there is no flag {}; did you mean {}?", name, nearest);
    return fmt::format("there is no flag {}; see {} --help", name, words_to(command));
}

}  // namespace

const CLI::App& given_command(const CLI::App& app) {
    const auto commands = app.get_subcommands();
    return commands.empty() ? app : given_command(*commands.front());
}

std::string nearest_flag(const std::string& flag, const CLI::App& command) {
    return nearest_name(flags_of(command), flag);
}

std::string sentence_of(const CLI::ParseError& error, const CLI::App& app) {
    const CLI::App& command = given_command(app);
    const std::string what = error.what();
    if (dynamic_cast<const CLI::ExtrasError*>(&error) && !command.remaining().empty())
        return about_extras(app, command);
    if (dynamic_cast<const CLI::ConversionError*>(&error))  // "Could not convert: --width = wide"
        return fmt::format("{} is not a value that this flag can have; see {} --help", what.substr(what.find(": ") + 2),
                           words_to(command));
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error))  // "--steps: 1 required INT missing"
        return fmt::format("{} takes one value; see {} --help", what.substr(0, what.find(':')), words_to(command));
    return fmt::format("{}; see {} --help", what, words_to(command));
}

}  // namespace easel::cli
