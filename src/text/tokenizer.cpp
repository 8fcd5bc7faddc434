#include "text/tokenizer.h"

#include <algorithm>
#include <span>
#include <system_error>

#include "base/error.h"
#include "base/files.h"
#include "base/json.h"
#include "text/characters.h"
#include "text/vocabulary_files.h"
#include "text/words.h"

namespace easel {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view standard_name = "openai/clip-vit-large-patch14";
nlohmann::json read_json(const fs::path& path) {
    return parse_json(read_text_file(path, largest_vocabulary_file), path.string());
}

/// Does not throw, whatever the path.
bool is_folder(const fs::path& path) {
    std::error_code ignored;
    return fs::is_directory(path, ignored);
}

Vocabulary read_vocabulary(const fs::path& folder) {
    const fs::path vocab = folder / "vocab.json", merges = folder / "merges.txt", whole = folder / "tokenizer.json";
    Vocabulary vocabulary;
    if (path_exists(vocab) && path_exists(merges)) {
        read_vocab_json(vocabulary, read_json(vocab), vocab.string());
        read_merges_txt(vocabulary, read_text_file(merges, largest_vocabulary_file), merges.string());
    } else if (path_exists(whole)) {
        read_tokenizer_json(vocabulary, read_json(whole), whole.string());
    } else {
        fail(ErrorKind::not_found,
             "{}: this folder has no tokenizer; it needs vocab.json and merges.txt, or tokenizer.json",
             folder.string());
    }
    return vocabulary;
}

std::u32string folded_text(std::span<const Character> characters) {
    std::u32string text;
    for (const Character c : characters) text += c.folded;
    return text;
}

std::string folded_bytes(std::span<const Character> characters) {
    std::string text;
    for (const Character c : characters) append_utf8(text, c.folded);
    return text;
}

std::string written_bytes(std::span<const Character> characters) {
    std::string text;
    for (const Character c : characters)
        if (c.written != not_written) append_utf8(text, c.written);
    return text;
}

}  // namespace

Tokenizer Tokenizer::standard() { return Tokenizer(standard_vocabulary()); }

Tokenizer Tokenizer::standard(int padding) {
    Vocabulary vocabulary = standard_vocabulary();
    const auto text = std::ranges::find_if(vocabulary.ids, [&](const auto& entry) { return entry.second == padding; });
    vocabulary.padding = padding;
    if (text != vocabulary.ids.end()) vocabulary.added.push_back({.text = text->first, .id = padding});
    return Tokenizer(vocabulary);
}

Tokenizer Tokenizer::of_model(const fs::path& folder) {
    const bool has_vocabulary = path_exists(folder / "vocab.json") || path_exists(folder / "tokenizer.json");
    return has_vocabulary ? open(folder) : with_special_tokens(standard_vocabulary(), folder);
}

Tokenizer Tokenizer::open(const fs::path& folder) {
    if (!is_folder(folder))
        fail(ErrorKind::not_found, "{}: there is no such tokenizer folder; give an existing one, or the name {}",
             folder.string(), standard_name);
    return with_special_tokens(read_vocabulary(folder), folder);
}

Tokenizer Tokenizer::with_special_tokens(Vocabulary vocabulary, const fs::path& folder) {
    SpecialTokens special;
    for (const char* name : {"tokenizer_config.json", "special_tokens_map.json"})
        if (const fs::path config = folder / name; path_exists(config))
            read_special_tokens(special, read_json(config), config.string());
    if (const fs::path added = folder / "added_tokens.json"; !special.has_decoder && path_exists(added))
        read_added_tokens(special, read_json(added), added.string());
    add_special_tokens(vocabulary, special, folder.string());
    return Tokenizer(vocabulary);
}

Tokenizer open_tokenizer(const std::string& name_or_folder) {
    return name_or_folder == standard_name ? Tokenizer::standard() : Tokenizer::open(name_or_folder);
}

Tokenizer::Tokenizer(const Vocabulary& vocabulary)
    : byte_pairs_(std::make_shared<const BytePairs>(vocabulary)),
      start_(vocabulary.start),
      end_(vocabulary.end),
      padding_(vocabulary.padding),
      greatest_id_(std::max({start_, end_, padding_, vocabulary.unknown})) {
    for (const auto& [text, id] : vocabulary.ids) greatest_id_ = std::max(greatest_id_, id);
    for (const AddedToken& token : vocabulary.added) add(token);
}

void Tokenizer::add(const AddedToken& token) {
    greatest_id_ = std::max(greatest_id_, token.id);
    if (token.normalized)
        added_normalized_.push_back({folded_text(normalize(token.text)), token.id, token.single_word});
    else
        added_as_written_.push_back({token.text, token.id, token.single_word});
}

namespace {

/// A byte beyond ASCII counts as part of a letter.
bool is_part_of_word(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || is_word_character(static_cast<char32_t>(byte));
}
bool is_part_of_word(char32_t c) { return is_word_character(c); }

/// Whether `text[begin, end)` is not part of a longer word.
template <typename Char>
bool stands_alone(std::basic_string_view<Char> text, std::size_t begin, std::size_t end) {
    return (begin == 0 || !is_part_of_word(text[begin - 1])) && (end == text.size() || !is_part_of_word(text[end]));
}

}  // namespace

/// Where several added tokens begin at one place, the longest counts.
template <typename Char>
std::vector<Tokenizer::Stretch<Char>> Tokenizer::split_at_added(std::basic_string_view<Char> text,
                                                                const std::vector<Added<Char>>& added) {
    std::vector<Stretch<Char>> stretches;
    std::size_t begin = 0, at = 0;
    while (at < text.size()) {
        const Added<Char>* longest = nullptr;
        for (const Added<Char>& token : added)
            if (text.substr(at).starts_with(token.pattern) &&
                (!longest || token.pattern.size() > longest->pattern.size()) &&
                (!token.single_word || stands_alone(text, at, at + token.pattern.size())))
                longest = &token;
        if (!longest) {
            ++at;
            continue;
        }
        if (at > begin) stretches.push_back({begin, at - begin, nullptr});
        stretches.push_back({at, longest->pattern.size(), longest});
        begin = at += longest->pattern.size();
    }
    if (at > begin) stretches.push_back({begin, at - begin, nullptr});
    return stretches;
}

template <typename AfterWord>
void Tokenizer::encode(std::string_view prompt, std::vector<int>& ids, const AfterWord& after_word) const {
    for (const auto& written : split_at_added(prompt, added_as_written_)) {
        const std::string_view stretch = prompt.substr(written.begin, written.length);
        if (written.added) {
            ids.push_back(written.added->id);
            after_word([&] { return std::string(stretch); });
            continue;
        }
        const std::vector<Character> characters = normalize(stretch);
        const std::u32string folded = folded_text(characters);
        for (const auto& part : split_at_added(std::u32string_view(folded), added_normalized_)) {
            const auto part_characters = std::span(characters).subspan(part.begin, part.length);
            if (part.added) {
                ids.push_back(part.added->id);
                after_word([&] { return written_bytes(part_characters); });
                continue;
            }
            for (const auto word : split_words(part_characters)) {
                byte_pairs_->encode(folded_bytes(word), ids);
                after_word([&] { return written_bytes(word); });
            }
        }
    }
}

std::vector<int> Tokenizer::ids(std::string_view text) const {
    check_utf8(text, "the prompt");
    std::vector<int> ids;
    encode(text, ids, [](const auto&) {});
    return ids;
}

TokenizedPrompt Tokenizer::encode(std::string_view prompt) const {
    check_utf8(prompt, "the prompt");
    TokenizedPrompt result;
    std::vector<int> ids;
    encode(prompt, ids, [&](const auto& word) {
        if (ids.size() > most_tokens) result.cut.push_back(word());
    });

    result.token_count = static_cast<int>(ids.size());
    result.cut_tokens = static_cast<int>(ids.size() - std::min(ids.size(), most_tokens));
    ids.resize(std::min(ids.size(), most_tokens));
    result.ids.reserve(row_length);
    result.ids.push_back(start_);
    result.ids.insert(result.ids.end(), ids.begin(), ids.end());
    result.ids.push_back(end_);
    result.ids.resize(row_length, padding_);
    return result;
}

}  // namespace easel
