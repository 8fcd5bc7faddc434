#pragma once

#include <filesystem>
#include <vector>

#include "weights/checkpoint.h"

namespace easel {

/// The tokenizer of a text encoder, as it was written.
struct WrittenTokenizer {
    std::filesystem::path folder;
    /// What fills rows.
    int padding_id = 0;
    /// Whether it has the standard vocabulary.
    bool is_standard = true;
};

/// Writes the tokenizers of a model's text encoders into folders in `folder`: its own files if it has them, else the
/// standard ones.
std::vector<WrittenTokenizer> write_tokenizers(const Checkpoint& checkpoint, const std::filesystem::path& folder);

/// Writes all of a diffusers folder into the existing `folder`.
void write_diffusers_folder(const Checkpoint& checkpoint, const std::filesystem::path& folder);

/// Writes a small file, and the folder that it lies in if there is none.
void write_text_in_folder(const std::filesystem::path& path, const std::string& text);

}  // namespace easel
