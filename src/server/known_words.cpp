#include "server/known_words.h"

#include <sstream>

#include "base/files.h"

namespace easel::server {

std::vector<std::string> known_words(const std::filesystem::path& model) {
    const std::filesystem::path list = model / "names.txt";
    if (!path_exists(list)) return {};
    std::vector<std::string> words;
    std::istringstream lines(read_text_file(list));
    for (std::string line; std::getline(lines, line);)
        if (!line.empty()) words.push_back(line);
    return words;
}

}  // namespace easel::server
