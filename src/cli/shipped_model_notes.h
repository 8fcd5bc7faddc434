#pragma once

#include <filesystem>
#include <string_view>

#include <easel/easel.h>

namespace easel::cli {

/// For a `prompt` that was drawn with the model that ships, in the folder `model`, because no model was given: notes
/// which words are in none of the names and captions that the model was trained on (names.txt and words.txt in its
/// folder), and where other models come from. If it knows all words, the second is noted only once for each user.
void note_shipped_model(const std::filesystem::path& model, std::string_view prompt, const Callbacks& callbacks);

}  // namespace easel::cli
