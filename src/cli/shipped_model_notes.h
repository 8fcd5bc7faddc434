#pragma once

#include <filesystem>
#include <string_view>

#include <easel/easel.h>

namespace easel::cli {

/// After `prompt` was drawn with the model that ships, which lies in the folder `model`, because none was named: tells
/// which of the words are in none of the names that it was taught (names.txt in its folder) and where models come from;
/// when it knows them all, the latter once for each person.
void tell_of_models(const std::filesystem::path& model, std::string_view prompt, const Callbacks& callbacks);

}  // namespace easel::cli
