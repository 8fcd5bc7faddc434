#include "cli/prompt_source.h"

#include <cstddef>

#include "base/error.h"
#include "base/files.h"

namespace easel::cli {
namespace {

constexpr std::size_t longest_prompt = 1u << 20;

/// A file, or what comes from a pipe.
std::string text_in(const std::string& path) {
    return is_stream(path) ? read_stream(path, longest_prompt) : read_text_file(path, longest_prompt);
}

}  // namespace

std::string prompt_text(const std::string& given, bool& standard_input_is_read) {
    if (given.starts_with("@@")) return given.substr(1);
    std::string text;
    if (given == "-" || given == "@-") {
        if (standard_input_is_read)
            fail_usage("the prompt -: standard input can be read only once, and not in a job file");
        standard_input_is_read = true;
        text = text_in("-");
    } else if (given.starts_with('@')) {
        text = text_in(given.substr(1));
    } else {
        return given;
    }
    if (text.starts_with("\xef\xbb\xbf")) text.erase(0, 3);  // the byte order mark of some editors
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    return text;
}

}  // namespace easel::cli
