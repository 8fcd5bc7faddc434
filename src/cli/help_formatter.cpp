#include "cli/help_formatter.h"

#include <sstream>

namespace easel::cli {

std::string HelpFormatter::make_option_desc(const CLI::Option* option) const {
    const std::size_t room = 80 - get_column_width();
    std::istringstream words(CLI::Formatter::make_option_desc(option));
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
