#pragma once

#include <filesystem>

namespace easel {

/// Writes the standard vocabulary as published models store it (vocab.json, merges.txt, tokenizer_config.json,
/// special_tokens_map.json) into the existing `folder`.
void write_standard_tokenizer(const std::filesystem::path& folder);

/// Whether the vocab.json and merges.txt of `folder` hold the standard vocabulary without additions. Throws
/// Error when they cannot be read.
bool is_standard_tokenizer(const std::filesystem::path& folder);

}  // namespace easel
