#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <easel/error.h>

#include "base/json.h"
#include "text/tokenizer.h"
#include "text/vocabulary_files.h"

namespace {

using namespace easel;

/// Takes the text up to the next NUL off the beginning of `rest`.
std::string_view take_text(std::string_view& rest) {
    const std::string_view text = rest.substr(0, rest.find('\0'));
    rest.remove_prefix(std::min(text.size() + 1, rest.size()));
    return text;
}

void encode_with_files(std::string_view rest, bool whole) {
    Vocabulary vocabulary;
    if (whole) {
        read_tokenizer_json(vocabulary, parse_json(take_text(rest), "tokenizer.json"), "tokenizer.json");
    } else {
        read_vocab_json(vocabulary, parse_json(take_text(rest), "vocab.json"), "vocab.json");
        read_merges_txt(vocabulary, take_text(rest), "merges.txt");
    }
    SpecialTokens special;
    if (!rest.empty()) read_special_tokens(special, parse_json(take_text(rest), "config"), "config");
    add_special_tokens(vocabulary, special, "folder");
    Tokenizer(vocabulary).encode("A photo of abba's CAT <|endoftext|>, 8k, caf\u00e9");
}

}  // namespace

/// The first byte says what the rest is: 'v' vocab.json, merges.txt and a config with NUL between; 't' tokenizer.json
/// and a config; anything else a prompt.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    static const Tokenizer standard = Tokenizer::standard();
    const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    try {
        if (data[0] == 'v' || data[0] == 't')
            encode_with_files(rest, data[0] == 't');
        else if (standard.encode(rest).ids.size() != Tokenizer::row_length)
            __builtin_trap();
    } catch (const Error&) {  // a refusal is as good
    }
    return 0;
}
