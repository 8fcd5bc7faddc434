#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "text/byte_pairs.h"
#include "text/vocabulary.h"

namespace easel {

/// A prompt as CLIP's text encoder takes it.
struct TokenizedPrompt {
    std::vector<int> ids;  ///< Tokenizer::row_length ids: start, the prompt's, end, padding
    int token_count = 0;   ///< tokens of the whole prompt, those cut included, start and end not
    int cut_tokens = 0;    ///< how many of them did not fit
    /// The words of the prompt that did not fit, or not completely: runs of letters, single numbers, runs of
    /// other characters.
    std::vector<std::string> cut;
};

/// CLIP's byte-pair tokenizer (Radford et al., "Learning Transferable Visual Models From Natural Language
/// Supervision"), with the ids that CLIPTokenizer of Hugging Face's transformers 5 gives.
class Tokenizer {
  public:
    static constexpr std::size_t row_length = 77;
    /// Of a prompt in a row; start and end have their places.
    static constexpr std::size_t most_tokens = row_length - 2;

    /// The tokenizer of openai/clip-vit-large-patch14, whose vocabulary is built in.
    static Tokenizer standard();

    /// The same padded with another token, of whose id every occurrence of its text is one token then: as transformers
    /// treats the "!" that Stable Diffusion 2.x and the larger encoders pad with.
    static Tokenizer standard(int padding);

    /// The tokenizer of a model: of its folder `tokenizer`, which may have only the special tokens of the standard
    /// vocabulary. Throws as open() does.
    static Tokenizer of_model(const std::filesystem::path& folder);

    /// Reads a folder with vocab.json and merges.txt, or else with tokenizer.json; special tokens are taken from
    /// tokenizer_config.json and special_tokens_map.json where they exist, and tokens that were trained beside the
    /// vocabulary (`<cat-toy>`) from the former's added_tokens_decoder or else from added_tokens.json. Throws Error on
    /// a file that is missing, broken, or not a CLIP tokenizer's.
    static Tokenizer open(const std::filesystem::path& folder);

    explicit Tokenizer(const Vocabulary& vocabulary);

    /// Throws Error of kind bad_request if the prompt is not UTF-8.
    TokenizedPrompt encode(std::string_view prompt) const;

    /// The ids of a text without start and end, however long. Throws as encode() does.
    std::vector<int> ids(std::string_view text) const;

    /// Makes a text one token wherever it occurs.
    void add(const AddedToken& token);

    int start() const { return start_; }
    int end() const { return end_; }
    /// What fills a row behind the end.
    int padding() const { return padding_; }

    /// The greatest id that encode() can return: a text encoder's token table must be longer.
    int greatest_id() const { return greatest_id_; }

  private:
    /// An added token in the form in which it is looked for: bytes as written, or normalized code points.
    template <typename Char>
    struct Added {
        std::basic_string<Char> pattern;
        int id;
        bool single_word;
    };
    /// With the special tokens that the files in `folder` name.
    static Tokenizer with_special_tokens(Vocabulary vocabulary, const std::filesystem::path& folder);

    /// A part of a text that is one added token, or contains none.
    template <typename Char>
    struct Stretch {
        std::size_t begin, length;
        const Added<Char>* added;
    };
    template <typename Char>
    static std::vector<Stretch<Char>> split_at_added(std::basic_string_view<Char> text,
                                                     const std::vector<Added<Char>>& added);

    /// Appends the ids of a text, and calls `after_word` behind each word with a function that gives the word.
    template <typename AfterWord>
    void encode(std::string_view prompt, std::vector<int>& ids, const AfterWord& after_word) const;

    /// Shared by copies, which then cost little.
    std::shared_ptr<const BytePairs> byte_pairs_;
    std::vector<Added<char>> added_as_written_;
    std::vector<Added<char32_t>> added_normalized_;
    int start_, end_, padding_, greatest_id_;
};

/// Tokenizer::standard() for the name "openai/clip-vit-large-patch14", else Tokenizer::open().
Tokenizer open_tokenizer(const std::string& name_or_folder);

}  // namespace easel
