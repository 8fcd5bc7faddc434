#include "runtime/reason.h"

#include <algorithm>
#include <new>
#include <string_view>

namespace easel {

std::string reason(const std::exception& error) {
    const std::string text = error.what();
    std::string last;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        if (const std::string line = text.substr(begin, end - begin);
            line.find_first_not_of(" \t") != std::string::npos)
            last = line;
        begin = end + 1;
    }
    return last;
}

bool is_about_memory(const std::exception& error) {
    if (dynamic_cast<const std::bad_alloc*>(&error)) return true;
    // OpenVINO and oneDNN wrap it in exceptions of their own.
    const std::string_view text = error.what();
    return text.find("bad_alloc") != std::string_view::npos || text.find("out of memory") != std::string_view::npos ||
           text.find("out_of_memory") != std::string_view::npos;
}

}  // namespace easel
