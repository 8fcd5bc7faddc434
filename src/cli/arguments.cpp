#include "cli/arguments.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <iterator>
#include <string_view>
#include <utility>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "base/error.h"
#include "base/nearest_name.h"
#include "cli/command_names.h"

namespace easel::cli {
namespace {

bool is_command(const std::string& word, const CLI::App& app) {
    const auto names = commands_of(app);
    return std::ranges::find(names, word) != names.end();
}

bool has_prompt_flag(const std::vector<std::string>& arguments) {
    return std::ranges::any_of(arguments, [](const std::string& argument) {
        return argument == "-p" || argument == "--prompt" || argument.starts_with("--prompt=");
    });
}

/// `help models rm` as `models rm --help`.
std::vector<std::string> help_words(const std::vector<std::string>& given, const CLI::App& app) {
    std::vector<std::string> words;
    const CLI::App* command = &app;
    for (const std::string& word : std::vector(given.begin() + 1, given.end())) {
        if (word.starts_with('-')) continue;
        if (!is_command(word, *command)) {
            const std::string meant = nearest_name(commands_of(*command), word);
            fail_usage("there is no {} {}{}", words_to(*command), word,
                       meant.empty() ? fmt::format("; see {} --help", words_to(*command))
                                     : fmt::format("; did you mean {} {}?", words_to(*command), meant));
        }
        command = command->get_subcommand(word);
        words.push_back(word);
    }
    words.emplace_back("--help");
    return words;
}

/// The arguments with their sub-command first.
std::vector<std::string> with_command(std::vector<std::string> given, const CLI::App& app) {
    if (given.empty()) return {"--help"};
    const std::string& first = given.front();
    if (first == "help") return help_words(given, app);
    if (is_command(first, app) || first == "-h" || first == "--help" || first == "--version") return given;
    if (has_prompt_flag(given) && !first.starts_with('-'))
        if (const std::string meant = nearest_name(commands_of(app), first); !meant.empty())
            fail_usage("there is no easel {}; did you mean easel {}?", first, meant);
    given.insert(given.begin(), "generate");
    return given;
}

/// "--width=512", "-W512" and "-W=512" in their two parts.
struct SplitFlag {
    std::string name, value;
    bool has_value = false;
};

SplitFlag split(const std::string& argument) {
    const bool is_long = argument.starts_with("--");
    const std::size_t end = is_long ? std::min(argument.find('='), argument.size()) : 2;
    SplitFlag flag{.name = argument.substr(0, end), .value = {}, .has_value = end < argument.size()};
    if (flag.has_value) flag.value = argument.substr(argument[end] == '=' ? end + 1 : end);
    return flag;
}

bool may_be_flag(const std::string& argument) {
    return argument.size() > 1 && argument.front() == '-' && !std::isdigit(static_cast<unsigned char>(argument[1]));
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

/// A long flag with one dash would be read as a short flag and its value: -prompt as -p rompt.
void refuse_single_dash(const std::string& argument, const CLI::App& command) {
    if (argument.starts_with("--") || argument.size() < 3) return;
    const std::string meant = "-" + argument.substr(0, argument.find('='));
    if (command.get_option_no_throw(meant)) fail_usage("there is no flag {}; did you mean {}?", meant.substr(1), meant);
}

/// Reads the arguments from left to right, as CLI11 will.
class Reader {
  public:
    explicit Reader(const CLI::App& app) : command_(&app) {}

    Arguments read(const std::vector<std::string>& words) {
        for (std::size_t i = 0; i < words.size(); ++i) {
            if (words[i] == "--") {  // what follows is text
                std::copy(words.begin() + static_cast<std::ptrdiff_t>(i), words.end(),
                          std::back_inserter(arguments_.words));
                break;
            }
            const bool value_is_next = add(words[i]);
            if (value_is_next && i + 1 < words.size()) add_value(words[++i]);
        }
        return std::move(arguments_);
    }

  private:
    /// Whether the flag's value is the next word.
    bool add(const std::string& word) {
        if (!may_be_flag(word)) {
            if (is_command(word, *command_)) command_ = command_->get_subcommand(word);
            arguments_.words.push_back(word);
            return false;
        }
        refuse_single_dash(word, *command_);
        SplitFlag flag = split(word);
        const CLI::Option* option = command_->get_option_no_throw(flag.name);
        if (option) arguments_.flags.push_back({option, flag.name});
        if (!option || !takes_value(*option)) {
            if (option && word.starts_with("--") && flag.has_value && flag.value != "true" && flag.value != "false")
                fail_usage("{}: this flag takes no value", word);
            arguments_.words.push_back(word);
            return false;
        }
        arguments_.words.push_back(flag.name);
        if (flag.has_value) add_value(std::move(flag.value));
        return !flag.has_value;
    }

    void add_value(std::string value) {
        const CLI::Option& option = *arguments_.flags.back().option;
        if (value.empty() && is_number(option))  // CLI11 would read 0
            throw Error(ErrorKind::bad_request, fmt::format("{}: needs a number", arguments_.flags.back().text),
                        field_of(option));
        arguments_.words.push_back(std::move(value));
    }

    const CLI::App* command_;
    Arguments arguments_;
};

}  // namespace

Arguments read_arguments(const std::vector<std::string>& given, const CLI::App& app) {
    return Reader(app).read(with_command(given, app));
}

}  // namespace easel::cli
