#pragma once

#include <nlohmann/json.hpp>

#include "support/files.h"
#include "text/tokenizer.h"

namespace easel::testing {

/// The tokenizer of the built-in vocabulary.
inline const Tokenizer& standard() {
    static const Tokenizer tokenizer = Tokenizer::standard();
    return tokenizer;
}

/// A table of golden/adapters/prompts.json.
inline nlohmann::json prompt_rows(const char* key) {
    return nlohmann::json::parse(read_file("golden/adapters/prompts.json")).at(key);
}

}  // namespace easel::testing
