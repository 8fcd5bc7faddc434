#include "cli/help_formatter.h"

#include <cstddef>
#include <sstream>

#include <fmt/format.h>

#include "cli/value_kinds.h"

namespace easel::cli {

std::string description_of(const CLI::Option& option) {
    const std::string& standard = option.get_default_str();
    if (standard.empty()) return option.get_description();
    return fmt::format("{} (default: {})", option.get_description(), standard);
}

std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
    // CLI11 has printed the name of a positional option already.
    if (option->get_positional()) return "";
    const std::string name = value_of(*option).name;
    return name.empty() ? name : " " + name;
}

std::string HelpFormatter::make_option_desc(const CLI::Option* option) const {
    return wrapped(description_of(*option));
}

std::string HelpFormatter::make_subcommand(const CLI::App* command) const {
    std::ostringstream out;
    CLI::detail::format_help(out, command->get_name(), wrapped(command->get_description()), get_column_width());
    return out.str();
}

std::string HelpFormatter::wrapped(const std::string& text) const {
    const std::size_t room = 80 - get_column_width();
    std::istringstream words(text);
    std::string lines;
    std::size_t column = 0;
    for (std::string word; words >> word; column += word.size()) {
        if (column > 0 && column + 1 + word.size() > room) {
            lines += '\n';
            column = 0;
        } else if (column > 0) {
            lines += ' ';
            ++column;
        }
        lines += word;
    }
    return lines;
}

}  // namespace easel::cli
