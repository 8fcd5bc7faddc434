#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace easel {

/// A text that is one token wherever it occurs in a prompt, such as "<|endoftext|>".
struct AddedToken {
    std::string text;
    int id = 0;
    /// Whether it is looked for after normalization (so that case does not count) rather than in the prompt as written.
    bool normalized = false;
    /// Whether it counts only if it touches no letter, number or underscore.
    bool single_word = false;
};

/// A hash that lets a map of strings be searched for a std::string_view.
struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

/// Ids of byte-pair tokens by their text, in which printable characters stand for bytes (see byte_symbols()) and "</w>"
/// marks the end of a word.
using TokenIds = std::unordered_map<std::string, int, TextHash, std::equal_to<>>;

/// Two tokens, by id, that become one.
struct Merge {
    int left, right, merged;
};

/// The data of a byte-pair tokenizer like CLIP's.
struct Vocabulary {
    TokenIds ids;
    std::vector<Merge> merges;  ///< best first
    std::vector<AddedToken> added;
    int start = 0;    ///< opens every row
    int end = 0;      ///< closes every row
    int padding = 0;  ///< fills the row
    int unknown = 0;  ///< for bytes without a token
};

inline constexpr std::string_view end_of_word = "</w>";

/// The printable characters, as UTF-8, that stand for the 256 byte values (Radford et al., "Language Models are
/// Unsupervised Multitask Learners": GPT-2's bytes_to_unicode).
std::array<std::string, 256> byte_symbols();

/// The vocabulary of openai/clip-vit-large-patch14, which all families share: 49408 tokens.
Vocabulary standard_vocabulary();

}  // namespace easel
