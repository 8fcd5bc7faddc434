#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <easel/easel.h>

namespace easel {

/// Embeddings as text: a line for each, FILE or FILE:TOKEN. A colon before something with a slash in it is part of the
/// file's name.
std::string text_of(const std::vector<Embedding>& embeddings);
std::vector<Embedding> embeddings_from_text(std::string_view text);

/// What stands for it in prompts that are read as the web UI reads them.
std::string name_of(const Embedding& embedding);

/// Whether each of a list names a file. Throws Error of kind bad_request where a name is not UTF-8.
bool is_embedding_list(std::string_view text);

}  // namespace easel
