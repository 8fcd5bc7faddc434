#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace easel {

/// One code point of a normalized prompt.
struct Character {
    char32_t folded = 0;   ///< composed and in lower case: what is tokenized
    char32_t written = 0;  ///< composed, in the case in which it was written; not_written where folding added it
};
inline constexpr char32_t not_written = 0xffffffff;

enum class CharacterKind { letter, number, space, other };

/// What the tokenizer's regular expression calls \p{L}, \p{N}, \s, and the rest, by Unicode 16.0.
CharacterKind kind_of(char32_t code_point);

/// A letter, a number or an underscore.
bool is_word_character(char32_t code_point);

/// The code point that begins at `at`, or that ends before it, in valid UTF-8; 0 where the text has none.
char32_t code_point_at(std::string_view utf8, std::size_t at);
char32_t code_point_before(std::string_view utf8, std::size_t at);

/// How many bytes a code point has in UTF-8.
std::size_t utf8_length(char32_t code_point);

/// Brings valid UTF-8 to Unicode's composed form (NFC) and to lower case, character by character, as CLIPTokenizer of
/// Hugging Face's transformers does. Takes time proportional to the length, except for long runs of combining marks,
/// which are sorted.
std::vector<Character> normalize(std::string_view utf8);

bool is_utf8(std::string_view text);

/// Throws Error of kind bad_request unless `text` is UTF-8. `what` names it in the error ("the prompt").
void check_utf8(std::string_view text, std::string_view what);

/// Appends the UTF-8 form of a code point.
void append_utf8(std::string& text, char32_t code_point);

}  // namespace easel
