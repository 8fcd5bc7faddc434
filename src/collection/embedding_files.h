#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <easel/easel.h>

#include "collection/named_files.h"
#include "pictures/read.h"

namespace easel {

/// The folder of embeddings at a path; an empty one holds none.
NamedFolder embedding_folder(const std::filesystem::path& path);

/// Finds the files of a request's embeddings: a path that exists, else a file of that name, or with that stem, in
/// `folder` or below it. Adds those of the folder whose names stand in the prompts. Throws Error where there is no
/// file.
void find_embeddings(Request& request, const std::filesystem::path& folder);

/// The same for the embeddings that are stored in a picture, by name, else by the first digits of their SHA-256; those
/// that are not there are left out with a note, which may be empty.
void find_stored_embeddings(Request& request, const std::vector<std::string>& hashes,
                            const std::filesystem::path& folder, const Note& note);

}  // namespace easel
