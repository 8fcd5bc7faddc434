#include "cli/parse_errors.h"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

namespace easel::cli {
namespace {

/// The number of letters to change, add or take away to make one word the other (Levenshtein 1966).
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), 0u);
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

}  // namespace

std::string nearest_flag(const std::string& flag, const CLI::App& command) {
    std::string nearest;
    std::size_t least = 1 + flag.size() / 3;
    for (const CLI::Option* option : command.get_options())
        for (const std::string& name : option->get_lnames())
            if (const std::size_t distance = edit_distance(flag, "--" + name); distance < least) {
                least = distance;
                nearest = "--" + name;
            }
    return nearest;
}

namespace {

std::string about_extras(const CLI::App& command) {
    const std::vector<std::string> extras = command.remaining();
    const auto flag = std::ranges::find_if(extras, [](const std::string& extra) { return extra.starts_with('-'); });
    if (flag == extras.end())
        return fmt::format("\"{}\" was not expected; put a text of several words in quotes", extras.front());
    const std::string name = flag->substr(0, flag->find('='));
    const std::string nearest = nearest_flag(name, command);
    if (!nearest.empty()) return fmt::format("there is no flag {}; did you mean {}?", name, nearest);
    return fmt::format("there is no flag {}; see easel {} --help", name, command.get_name());
}

}  // namespace

std::string sentence_of(const CLI::ParseError& error, const CLI::App& app) {
    const auto commands = app.get_subcommands();
    const CLI::App& command = commands.empty() ? app : *commands.front();
    const std::string what = error.what();
    if (dynamic_cast<const CLI::ExtrasError*>(&error) && !command.remaining().empty()) return about_extras(command);
    if (dynamic_cast<const CLI::ConversionError*>(&error))  // "Could not convert: --width = wide"
        return fmt::format("{} is not a value that this flag can have; see easel {} --help",
                           what.substr(what.find(": ") + 2), command.get_name());
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error))  // "--steps: 1 required INT missing"
        return fmt::format("{} takes one value; see easel {} --help", what.substr(0, what.find(':')),
                           command.get_name());
    return fmt::format("{}; see easel {} --help", what, command.get_name());
}

}  // namespace easel::cli
