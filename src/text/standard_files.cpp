#include "text/standard_files.h"

#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "base/json.h"
#include "base/output_file.h"
#include "text/standard_merges.h"
#include "text/tokenizer.h"
#include "text/vocabulary.h"
#include "text/vocabulary_files.h"

namespace easel {
namespace fs = std::filesystem;
namespace {

using nlohmann::json;

/// All tokens with their ids, as vocab.json has them.
json standard_ids() {
    const Vocabulary vocabulary = standard_vocabulary();
    json ids = json::object();
    for (const auto& [text, id] : vocabulary.ids) ids[text] = id;
    for (const AddedToken& token : vocabulary.added) ids[token.text] = token.id;
    return ids;
}

/// The text of a token.
std::string text_of(int id) {
    const Vocabulary vocabulary = standard_vocabulary();
    for (const AddedToken& token : vocabulary.added)
        if (token.id == id) return token.text;
    for (const auto& [text, token_id] : vocabulary.ids)
        if (token_id == id) return text;
    fail("the standard vocabulary has no token {}", id);
}

json special_token(const char* text) {
    return {{"content", text}, {"lstrip", false}, {"normalized", true}, {"rstrip", false}, {"single_word", false}};
}

std::vector<std::pair<std::string, std::string>> merges_of(std::string_view text, std::string_view where) {
    std::vector<std::pair<std::string, std::string>> merges;
    for_each_merge(text, where,
                   [&](std::string_view left, std::string_view right) { merges.emplace_back(left, right); });
    return merges;
}

}  // namespace

void write_standard_tokenizer(const fs::path& folder, int padding) {
    write_text_file(folder / "vocab.json", standard_ids().dump());
    write_text_file(folder / "merges.txt", standard_merges_text());

    const char* const start = "<|startoftext|>";
    const char* const end = "<|endoftext|>";
    const json special = {{"bos_token", special_token(start)},
                          {"eos_token", special_token(end)},
                          {"unk_token", special_token(end)},
                          {"pad_token", text_of(padding)}};
    write_text_file(folder / "special_tokens_map.json", special.dump(2) + "\n");
    const json config = {{"tokenizer_class", "CLIPTokenizer"},
                         {"model_max_length", 77},
                         {"do_lower_case", true},
                         {"add_prefix_space", false},
                         {"errors", "replace"},
                         {"bos_token", start},
                         {"eos_token", end},
                         {"unk_token", end},
                         {"pad_token", text_of(padding)}};
    write_text_file(folder / "tokenizer_config.json", config.dump(2) + "\n");
}

bool is_standard_tokenizer(const fs::path& folder, int padding) {
    std::error_code ignored;
    const fs::path vocab = folder / "vocab.json", merges = folder / "merges.txt";
    if (!fs::exists(vocab, ignored) || !fs::exists(merges, ignored)) return false;
    return parse_json(read_text_file(vocab, largest_vocabulary_file), vocab.string()) == standard_ids() &&
           merges_of(read_text_file(merges, largest_vocabulary_file), merges.string()) ==
               merges_of(standard_merges_text(), "the standard merges") &&
           Tokenizer::open(folder).greatest_id() == Tokenizer::standard().greatest_id() &&
           Tokenizer::open(folder).encode("").ids == Tokenizer::standard(padding).encode("").ids;
}

}  // namespace easel
