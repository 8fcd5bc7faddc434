#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/prompt_weights.h"
#include "text/tokenizer.h"

namespace easel {

/// A name that stands for vectors that were learned (textual inversion).
struct LearnedWord {
    std::string name;
    /// What WordPlace::word says where it stands.
    std::size_t word = 0;
    /// At most Tokenizer::most_tokens.
    int vectors = 1;
};

/// Where vectors of a learned word stand in a chunk.
struct WordPlace {
    /// Of the first vector among the chunk's ids; the ids there are 0.
    std::size_t place = 0;
    /// LearnedWord::word
    std::size_t word = 0;
    int vectors = 1;
    bool operator==(const WordPlace&) const = default;
};

/// What the text encoder reads at once.
struct PromptChunk {
    /// Tokenizer::row_length ids: start, the prompt's, the end, and padding.
    std::vector<int> ids;
    /// How much each of them counts.
    std::vector<double> weights;
    /// The same, and `words_2`, for a second text encoder; empty if there is none.
    std::vector<int> ids_2 = {};
    std::vector<double> weights_2 = {};
    std::vector<WordPlace> words;
    std::vector<WordPlace> words_2 = {};
    /// How many of the ids are the prompt's.
    std::size_t token_count = 0;
    /// The place among `ids_2` that the pooled vector is of, if that is not the text's end.
    std::optional<std::size_t> pooled_place = {};
    bool operator==(const PromptChunk&) const = default;

    bool has_words() const { return !words.empty() || !words_2.empty(); }
    /// Whether anything counts other than 1.
    bool is_weighted() const;
};

/// Cuts prompts of any length in chunks of 75 tokens. Source: FrozenCLIPEmbedderWithCustomWords.tokenize_line() of
/// AUTOMATIC1111's web UI (modules/sd_hijack_clip.py), except that a learned word moves along with the tokens that move
/// to the next chunk.
class PromptChunker {
  public:
    /// `tokenizer` must outlive the chunker. Words are matched by their ids, the longest first.
    explicit PromptChunker(const Tokenizer& tokenizer, const std::vector<LearnedWord>& words = {});

    /// At least one chunk. When one is full and a comma is among its last 20 tokens, what follows the comma moves to
    /// the next one.
    std::vector<PromptChunk> chunks(const std::vector<WeightedText>& texts) const;

    PromptChunk empty() const;

  private:
    friend class ChunkWriter;
    struct Named {
        std::vector<int> ids;
        std::size_t word;
        int vectors;
    };

    /// The word whose ids begin there; null if none does.
    const Named* word_at(const std::vector<int>& ids, std::size_t at) const;

    const Tokenizer* tokenizer_;
    std::vector<int> comma_;
    std::vector<Named> named_;
};

/// What a plain prompt of one row is as a chunk.
PromptChunk plain_chunk(TokenizedPrompt tokens);

/// How long a prompt is in the web UI's reading: of all texts of its parts and steps the longest.
struct PromptLength {
    std::size_t tokens = 0, chunks = 1;
};
PromptLength prompt_length(std::string_view prompt, const Tokenizer& tokenizer);

}  // namespace easel
