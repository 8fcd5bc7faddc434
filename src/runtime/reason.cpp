#include "runtime/reason.h"

#include <algorithm>

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

}  // namespace easel
