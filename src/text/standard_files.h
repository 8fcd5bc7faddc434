#pragma once

#include <filesystem>

namespace easel {

/// Writes the standard vocabulary as published models store it (vocab.json, merges.txt, tokenizer_config.json,
/// special_tokens_map.json) into the existing `folder`, with the text of the id `padding` as the token that fills rows.
void write_standard_tokenizer(const std::filesystem::path& folder, int padding = 49407);

/// Whether the vocab.json and merges.txt of `folder` hold the standard vocabulary without additions, and it fills rows
/// with the id `padding`. Throws Error when they cannot be read.
bool is_standard_tokenizer(const std::filesystem::path& folder, int padding = 49407);

}  // namespace easel
