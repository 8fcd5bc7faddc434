#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <easel/easel.h>

#include "collection/named_files.h"
#include "pictures/read.h"
#include "settings/lora_tags.h"

namespace easel {

/// The folder of LoRAs at a path; an empty one holds none.
NamedFolder lora_folder(const std::filesystem::path& path);

/// The LoRA that a tag in a prompt names; none where the folder has no such file, and for a tag of another kind.
std::optional<Lora> find_lora(const LoraTag& tag, const NamedFolder& folder);

/// Finds the files of a request's LoRAs: a path that exists, else a file of that name, or with that stem, in `folder`
/// or below it. Takes the tags <lora:NAME:WEIGHT> out of its prompt and adds what they name behind the others. Throws
/// Error where there is no file.
void find_loras(Request& request, const std::filesystem::path& folder);

/// The same for the LoRAs that are stored in a picture, by name, else by the first digits of their hashes, one for
/// each; those that are not there are left out with a note, which may be empty.
void find_stored_loras(Request& request, const std::vector<std::string>& hashes, const std::filesystem::path& folder,
                       const Note& note);

}  // namespace easel
