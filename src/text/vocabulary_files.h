#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "text/vocabulary.h"

namespace easel {

// The files in which published models carry their tokenizer, as texts. `where` names the text in errors; each function
// throws Error with a sentence on whatever is wrong in it.

/// CLIP's tokenizer.json has 2 to 4 MB, the other files less.
inline constexpr std::size_t largest_vocabulary_file = 8u << 20;

/// Fills in `ids` from vocab.json: an object of texts and ids.
void read_vocab_json(Vocabulary& vocabulary, const nlohmann::json& json, std::string_view where);

/// Calls `merge(left, right)` for each merge of a merges.txt: an optional line "#version: ...", then one merge a line,
/// its two tokens with a space between.
void for_each_merge(std::string_view text, std::string_view where,
                    const std::function<void(std::string_view left, std::string_view right)>& merge);

/// Fills in `merges` from merges.txt; `ids` must be there.
void read_merges_txt(Vocabulary& vocabulary, std::string_view text, std::string_view where);

/// Fills in `ids`, `merges` and `added` from a tokenizer.json of the tokenizers library. Normalization and splitting
/// are always CLIP's, regardless of the file, but it must be a byte-pair model whose words end in "</w>".
void read_tokenizer_json(Vocabulary& vocabulary, const nlohmann::json& json, std::string_view where);

/// The texts of the special tokens, as tokenizer_config.json and special_tokens_map.json name them.
struct SpecialTokens {
    struct Token {
        std::string text = "<|endoftext|>";
        bool normalized = false;
    };
    Token start = {"<|startoftext|>"}, end, unknown, padding;
    /// Of tokenizer_config.json's added_tokens_decoder, or of added_tokens.json.
    std::vector<AddedToken> added;
    /// Whether there was an added_tokens_decoder; added_tokens.json is then ignored.
    bool has_decoder = false;
};

/// Applies tokenizer_config.json or special_tokens_map.json; what the file does not name stays unchanged.
void read_special_tokens(SpecialTokens& special, const nlohmann::json& json, std::string_view where);

/// Applies the tokens of an added_tokens.json, an object of texts and ids: what was trained in addition to the
/// vocabulary. As in transformers, those that are not special are matched after normalization, so case does not count.
void read_added_tokens(SpecialTokens& special, const nlohmann::json& json, std::string_view where);

/// Looks up the special tokens and makes them added tokens of the vocabulary. Throws Error if one is missing.
void add_special_tokens(Vocabulary& vocabulary, const SpecialTokens& special, std::string_view where);

}  // namespace easel
