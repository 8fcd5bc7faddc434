#pragma once

#include <filesystem>
#include <string>

#include "train/model.h"
#include "train/network_weights.h"

namespace easel::train {

/// Textual inversion (Gal et al. 2022): the model stays, and vectors are learnt that stand for a word of the captions.
struct WordOptions {
    /// The word; empty: none is learnt. Letters, digits, - and _.
    std::string text;
    std::int64_t vectors = 1;
    /// A text whose tokens the vectors begin as, in turn.
    std::string begin = "*";
};

/// Gives the model the word, with rows of the text encoder, which is on its device already, and freezes all else.
/// Returns the rows, [vectors, hidden_size], under their name. Throws Error about a field of `options` that is wrong.
Parameters add_word(Model& model, const WordOptions& options);

/// Writes such rows as an embedding, which prompts name by the stem of `path`.
void write_embedding(const std::filesystem::path& path, const Parameters& rows, const LearnedWord& word);

}  // namespace easel::train
