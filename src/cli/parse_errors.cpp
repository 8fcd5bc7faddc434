#include "cli/parse_errors.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include "base/nearest_name.h"
#include "cli/command_names.h"
#include "cli/flag_names.h"

namespace easel::cli {
namespace {

/// A shorter beginning ("--c") may stand for anything.
constexpr std::size_t shortest_beginning = 4;

std::vector<std::string> flags_of(const CLI::App& command) {
    std::vector<std::string> flags;
    for (const CLI::Option* option : command.get_options())
        for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
    return flags;
}

/// The shortest flag that fits.
template <typename Fits>
std::string shortest(const std::vector<std::string>& flags, Fits fits) {
    std::string found;
    for (const std::string& flag : flags)
        if (fits(flag) && (found.empty() || flag.size() < found.size())) found = flag;
    return found;
}

/// The first in the help's order, which has the usual ones first, unless one is longer by a letter only.
std::string with_beginning(const std::vector<std::string>& flags, const std::string& typed) {
    const auto begins = [&](const std::string& name) { return name.starts_with(typed); };
    if (const auto flag = shortest(flags, begins); flag.size() <= typed.size() + 1) return flag;
    return *std::ranges::find_if(flags, begins);
}

std::size_t common_beginning(std::string_view a, std::string_view b) {
    return static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}

/// "--cfg" and "--negative" are the beginnings of flags, "--stpes" is misspelled, "--image" and "--scale" are parts of
/// a flag, and "--prompt-file" has too much at its end.
std::string meant_flag(const std::vector<std::string>& flags, const std::string& typed) {
    if (typed.size() < shortest_beginning) return nearest_name(flags, typed);
    const std::string end = typed.substr(1);  // "-image"
    const auto with_end = shortest(flags, [&](const std::string& name) { return name.ends_with(end); });
    const auto with_begin = with_beginning(flags, typed);
    const auto words = [](const std::string& name) { return std::ranges::count(name, '-'); };
    // "--image" is nearer to "--init-image" than to "--image-guidance-scale".
    const bool is_nearer = !with_end.empty() && words(with_end) < words(with_begin);
    if (!with_begin.empty()) return is_nearer ? with_end : with_begin;
    const auto whole = shortest(flags, [&](const std::string& name) { return typed.starts_with(name + "-"); });
    // "--prompt-2" has no more of "--prompt-file" in it than "--prompt" has.
    if (const auto flag = nearest_name(flags, typed);
        !flag.empty() && (whole.empty() || common_beginning(flag, typed) > whole.size() + 1))
        return flag;
    return with_end.empty() ? whole : with_end;
}

/// The sub-command that `easel inspct cat.png` may mean, although it was taken for a prompt; or nothing.
std::string misspelled_command(const CLI::App& app, const CLI::App& command) {
    const CLI::Option* words = command.get_option_no_throw("words");
    return words && words->count() > 0 ? nearest_name(commands_of(app), words->results().front()) : "";
}

std::string see_help(const CLI::App& command) { return fmt::format("see {} --help", words_to(command)); }

std::string about_extra_word(const std::string& word, const CLI::App& command) {
    if (const std::string meant = nearest_name(commands_of(command), word); !meant.empty())
        return fmt::format("there is no {} {}; did you mean {}?", words_to(command), word, meant);
    const bool takes_prompt = command.get_option_no_throw("--prompt") || command.get_option_no_throw("prompt");
    return fmt::format("\"{}\" was not expected; {}", word,
                       takes_prompt ? "put a text of several words in quotes" : see_help(command));
}

bool has_unknown_flag(const CLI::App& command) {
    return std::ranges::any_of(command.remaining(),
                               [](const std::string& extra) { return extra.starts_with('-') && extra != "--"; });
}

std::string about_extras(const CLI::App& app, const CLI::App& command) {
    const std::vector<std::string> extras = command.remaining();
    if (const std::string meant = misspelled_command(app, command); !meant.empty())
        return fmt::format("\"{}\" was taken for a prompt, as there is no such command; did you mean easel {}?",
                           command.get_option("words")->results().front(), meant);
    if (const auto mark = std::ranges::find(extras, "--"); mark != extras.end() && std::next(mark) != extras.end())
        return fmt::format("\"{}\" was not expected; what follows -- is text, so put flags before --",
                           *std::next(mark));
    const auto flag =
        std::ranges::find_if(extras, [](const std::string& extra) { return extra.starts_with('-') && extra != "--"; });
    if (flag == extras.end()) return about_extra_word(extras.front(), command);
    const std::string name = flag->substr(0, flag->find('='));
    std::vector<std::string> flags = flags_of(command);
    std::ranges::copy(flags_of(app), std::back_inserter(flags));
    if (const std::string meant = meant_flag(flags, name); !meant.empty())
        return fmt::format("there is no flag {}; did you mean {}?", name, meant);
    return fmt::format("there is no flag {}; {}", name, see_help(command));
}

bool is_letter_of_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_'; }

/// The position of `name` in `text` as a whole word.
std::size_t find_name(std::string_view text, std::string_view name) {
    for (std::size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
        const std::size_t end = at + name.size();
        if ((at == 0 || !is_letter_of_name(text[at - 1])) && (end == text.size() || !is_letter_of_name(text[end])))
            return at;
    }
    return std::string_view::npos;
}

/// The options that CLI11's message names, in that order.
std::vector<const CLI::Option*> options_in(std::string_view message, const CLI::App& command) {
    std::vector<std::pair<std::size_t, const CLI::Option*>> found;
    for (const CLI::Option* option : command.get_options())
        if (const std::size_t at = find_name(message, option->get_name()); at != std::string_view::npos)
            found.emplace_back(at, option);
    std::ranges::sort(found);
    std::vector<const CLI::Option*> options;
    for (const auto& [at, option] : found) options.push_back(option);
    return options;
}

std::string typed_value(const CLI::Option& option) {
    if (option.results().empty()) return "";
    const std::string& value = option.results().back();
    return value.empty() ? " \"\"" : " " + value;
}

std::string_view kind_of_value(const CLI::Option& option) {
    if (is_whole_number(option)) return "give a whole number";
    return is_number(option) ? "give a number" : "this flag cannot have that value";
}

/// "person, background" of CLI11's "cat not in {person,background}".
std::string choices_in(std::string_view message) {
    const std::size_t open = message.find('{'), close = message.rfind('}');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) return "";
    std::string choices;
    for (const char c : message.substr(open + 1, close - open - 1)) choices += c == ',' ? ", " : std::string(1, c);
    return choices;
}

std::string about_option(const CLI::ParseError& error, const std::vector<const CLI::Option*>& options,
                         const CLI::App& command, std::span<const TypedFlag> typed) {
    const std::string message = error.what();
    const CLI::Option& option = *options.front();
    const std::string flag = flag_of(option, typed);
    if (dynamic_cast<const CLI::ConversionError*>(&error))
        return fmt::format("{}{}: {}; {}", flag, typed_value(option), kind_of_value(option), see_help(command));
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error))
        return fmt::format("{} takes one value; {}", flag, see_help(command));
    if (dynamic_cast<const CLI::RequiredError*>(&error))
        return fmt::format("{} is missing; {}", flag, see_help(command));
    if (dynamic_cast<const CLI::ValidationError*>(&error))
        if (const std::string choices = choices_in(message); !choices.empty())
            return fmt::format("{}{}: use one of {}", flag, typed_value(option), choices);
    if (options.size() > 1 && dynamic_cast<const CLI::RequiresError*>(&error))
        return fmt::format("{} needs {} too; {}", flag, flag_of(*options[1], typed), see_help(command));
    if (options.size() > 1 && dynamic_cast<const CLI::ExcludesError*>(&error))
        return fmt::format("{} and {} exclude each other; give one of them", flag, flag_of(*options[1], typed));
    return fmt::format("{}; {}", message, see_help(command));
}

}  // namespace

std::string nearest_flag(const std::string& flag, const CLI::App& command) {
    return meant_flag(flags_of(command), flag);
}

Error error_of(const CLI::ParseError& error, const CLI::App& app, std::span<const TypedFlag> typed) {
    const CLI::App& command = given_command(app);
    if (has_unknown_flag(command) || (dynamic_cast<const CLI::ExtrasError*>(&error) && !command.remaining().empty()))
        return Error(ErrorKind::bad_request, about_extras(app, command));
    const auto options = options_in(error.what(), command);
    if (options.empty()) return Error(ErrorKind::bad_request, fmt::format("{}; {}", error.what(), see_help(command)));
    return Error(ErrorKind::bad_request, about_option(error, options, command, typed), field_of(*options.front()));
}

}  // namespace easel::cli
