#pragma once

#include <filesystem>

#include "weights/checkpoint.h"

namespace easel {

/// Writes the tokenizer of a model's first or only text encoder into a new folder: its own files if it has them, else
/// the standard ones. Returns whether it is the standard vocabulary.
bool write_tokenizer(const Checkpoint& checkpoint, const std::filesystem::path& folder);

/// Writes all of a diffusers folder into the existing `folder`.
void write_diffusers_folder(const Checkpoint& checkpoint, const std::filesystem::path& folder);

/// Writes a small file, and the folder that it lies in if there is none.
void write_text_in_folder(const std::filesystem::path& path, const std::string& text);

}  // namespace easel
