#include "cli/prompt_source.h"

#include <cstddef>
#include <iostream>

#include "base/error.h"
#include "base/files.h"

namespace easel::cli {
namespace {

constexpr std::size_t longest_prompt = 1u << 20;

std::string standard_input() {
    std::string text(longest_prompt + 1, '\0');
    std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(std::cin.gcount()));
    if (text.size() > longest_prompt) fail("standard input has more than 1 MB, which is no prompt");
    return text;
}

}  // namespace

std::string prompt_text(const std::string& given, bool& standard_input_is_read) {
    if (given.starts_with("@@")) return given.substr(1);
    std::string text;
    if (given == "-") {
        if (standard_input_is_read)
            fail_usage("the prompt -: standard input can be read for one prompt of easel generate alone");
        standard_input_is_read = true;
        text = standard_input();
    } else if (given.starts_with('@')) {
        text = read_text_file(given.substr(1), longest_prompt);
    } else {
        return given;
    }
    if (text.starts_with("\xef\xbb\xbf")) text.erase(0, 3);  // the byte order mark of some editors
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    return text;
}

}  // namespace easel::cli
