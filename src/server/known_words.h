#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace easel::server {

/// The words that a model says it was taught, from `names.txt` in its folder, a name a line; none where there is no
/// such file.
std::vector<std::string> known_words(const std::filesystem::path& model);

}  // namespace easel::server
