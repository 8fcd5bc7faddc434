#include "text/vocabulary_files.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_field.h"

namespace easel {
namespace {

using nlohmann::json;

// Each of them is searched for at every character of a prompt.
constexpr std::size_t most_added_tokens = 1000;

int parse_id(const json& value, std::string_view token, std::string_view where) {
    constexpr auto greatest = std::numeric_limits<std::int32_t>::max();
    // Floats, negative numbers and numbers that do not fit are not small unsigned integers.
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > greatest)
        fail(ErrorKind::damaged, "{}: the id of the token {} must be a whole number from 0 to {}, not {}", where,
             shown(token), greatest, value.is_number() ? value.dump() : value.type_name());
    return value.get<int>();
}

struct MergeTexts {
    std::string_view left, right;
};

MergeTexts parse_merge_line(std::string_view text, std::size_t number, std::string_view where) {
    const auto space = text.find(' ');
    if (space == 0 || space == std::string_view::npos || space + 1 == text.size() ||
        text.find(' ', space + 1) != std::string_view::npos)
        fail(ErrorKind::damaged, "{}: merge {} must be two tokens with one space between, not {}", where, number,
             shown(text));
    return {text.substr(0, space), text.substr(space + 1)};
}

MergeTexts parse_merge_value(const json& value, std::size_t number, std::string_view where) {
    if (value.is_string()) return parse_merge_line(value.get_ref<const std::string&>(), number, where);
    if (!value.is_array() || value.size() != 2 || !value[0].is_string() || !value[1].is_string())
        fail(ErrorKind::damaged, "{}: merge {} must be a text or a list of two texts", where, number);
    return {value[0].get_ref<const std::string&>(), value[1].get_ref<const std::string&>()};
}

void add_merge(Vocabulary& vocabulary, MergeTexts merge, std::string_view where) {
    const auto id = [&](std::string_view text) {
        const auto found = vocabulary.ids.find(text);
        if (found == vocabulary.ids.end())
            fail(ErrorKind::damaged, "{}: merge {} needs the token {}, which the vocabulary lacks", where,
                 vocabulary.merges.size() + 1, shown(text));
        return found->second;
    };
    vocabulary.merges.push_back({id(merge.left), id(merge.right), id(std::string(merge.left).append(merge.right))});
}

/// A flag of an added token may be omitted, but must not be a text or a number.
bool parse_flag(const json& token, const char* key, std::string_view where) {
    return token.contains(key) && JsonField(token[key], key, where).boolean();
}

bool parse_normalized(const json& token, std::string_view where) { return parse_flag(token, "normalized", where); }

void add_token(std::vector<AddedToken>& added, AddedToken token, std::string_view where) {
    if (token.text.empty()) fail(ErrorKind::damaged, "{}: the added token with id {} is empty", where, token.id);
    const auto same =
        std::find_if(added.begin(), added.end(), [&](const AddedToken& a) { return a.text == token.text; });
    if (same != added.end())
        *same = std::move(token);
    else if (added.size() == most_added_tokens)
        fail(ErrorKind::damaged, "{}: it has more than {} added tokens, which is too many", where, most_added_tokens);
    else
        added.push_back(std::move(token));
}

AddedToken parse_added_token(const json& token, const json& id, std::string_view where) {
    if (!token.is_object())
        fail(ErrorKind::damaged, "{}: an added token must be an object, not {}", where, token.type_name());
    const std::string text = required_field(token, "content", "a text", where).text();
    // Whether a token absorbs the spaces around it makes no difference here: spaces are not tokens.
    for (const char* key : {"lstrip", "rstrip"}) parse_flag(token, key, where);
    const bool normalized =
        token.contains("normalized") ? parse_normalized(token, where) : !parse_flag(token, "special", where);
    return {text, parse_id(id, text, where), normalized, parse_flag(token, "single_word", where)};
}

void read_special_token(SpecialTokens::Token& token, const char* key, const json& config, std::string_view where) {
    const auto found = config.find(key);
    if (found == config.end() || found->is_null()) return;
    if (found->is_string())
        token = {found->get<std::string>(), false};
    else if (found->is_object())
        token = {required_field(*found, "content", "a text", where).text(), parse_normalized(*found, where)};
    else
        JsonField(*found, key, where).refuse("a text or an object");
}

/// The id that is written as a key of added_tokens_decoder.
json parse_key(const std::string& key) {
    const bool digits = !key.empty() && key.size() <= 10 &&
                        std::all_of(key.begin(), key.end(), [](char c) { return c >= '0' && c <= '9'; });
    return digits ? json(std::stoull(key)) : json(key);
}

}  // namespace

void read_vocab_json(Vocabulary& vocabulary, const json& ids, std::string_view where) {
    require_object(ids, where);
    vocabulary.ids.reserve(ids.size());
    for (const auto& [text, id] : ids.items()) vocabulary.ids.emplace(text, parse_id(id, text, where));
}

void for_each_merge(std::string_view text, std::string_view where,
                    const std::function<void(std::string_view left, std::string_view right)>& merge) {
    if (text.starts_with("#version")) text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
    for (std::size_t number = 1; !text.empty(); ++number) {
        const auto line_end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, line_end);
        text.remove_prefix(std::min(line_end + 1, text.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        const auto [left, right] = parse_merge_line(line, number, where);
        merge(left, right);
    }
}

void read_merges_txt(Vocabulary& vocabulary, std::string_view text, std::string_view where) {
    for_each_merge(text, where, [&](std::string_view left, std::string_view right) {
        add_merge(vocabulary, {left, right}, where);
    });
}

void read_tokenizer_json(Vocabulary& vocabulary, const json& tokenizer, std::string_view where) {
    require_object(tokenizer, where);
    const json& model = required_field(tokenizer, "model", "an object", where).object();
    if (model.value("type", json()) != "BPE" || model.value("end_of_word_suffix", json()) != end_of_word)
        fail(ErrorKind::damaged,
             "{}: its \"model\" is not of type \"BPE\" with the end_of_word_suffix \"</w>\", so it is not a CLIP "
             "tokenizer",
             where);
    read_vocab_json(vocabulary, required_field(model, "vocab", "an object", where).object(), where);
    const json& merges = required_field(model, "merges", "a list", where).list();
    vocabulary.merges.reserve(merges.size());
    for (const json& merge : merges)
        add_merge(vocabulary, parse_merge_value(merge, vocabulary.merges.size() + 1, where), where);
    if (!tokenizer.contains("added_tokens")) return;
    for (const json& token : JsonField(tokenizer["added_tokens"], "added_tokens", where).list())
        add_token(vocabulary.added,
                  parse_added_token(token, token.is_object() ? token.value("id", json()) : json(), where), where);
}

void read_special_tokens(SpecialTokens& special, const json& config, std::string_view where) {
    require_object(config, where);
    read_special_token(special.start, "bos_token", config, where);
    read_special_token(special.end, "eos_token", config, where);
    read_special_token(special.unknown, "unk_token", config, where);
    read_special_token(special.padding, "pad_token", config, where);
    if (!config.contains("added_tokens_decoder")) return;
    special.has_decoder = true;
    const json& decoder = JsonField(config["added_tokens_decoder"], "added_tokens_decoder", where).object();
    for (const auto& [id, token] : decoder.items())
        add_token(special.added, parse_added_token(token, parse_key(id), where), where);
}

void read_added_tokens(SpecialTokens& special, const json& ids, std::string_view where) {
    require_object(ids, where);
    for (const auto& [text, id] : ids.items()) {
        AddedToken token{.text = text, .id = parse_id(id, text, where), .normalized = true};
        for (const SpecialTokens::Token* part : {&special.start, &special.end, &special.unknown, &special.padding})
            if (part->text == text) token.normalized = part->normalized;
        add_token(special.added, std::move(token), where);
    }
}

void add_special_tokens(Vocabulary& vocabulary, const SpecialTokens& special, std::string_view where) {
    // A complete tokenizer.json or added_tokens_decoder says how each token is matched, and takes precedence.
    std::vector<AddedToken> described = std::move(vocabulary.added);
    vocabulary.added.clear();
    for (const AddedToken& token : special.added) add_token(described, token, where);

    const auto add = [&](const SpecialTokens::Token& token) {
        const auto same = std::find_if(described.begin(), described.end(),
                                       [&](const AddedToken& added) { return added.text == token.text; });
        const auto known = vocabulary.ids.find(token.text);
        if (same == described.end() && known == vocabulary.ids.end())
            fail(ErrorKind::damaged,
                 "{}: its vocabulary lacks the special token {}, so it is not CLIP's or is incomplete", where,
                 shown(token.text));
        const int id = known != vocabulary.ids.end() ? known->second : same->id;
        add_token(vocabulary.added, {token.text, id, token.normalized}, where);
        return id;
    };
    vocabulary.start = add(special.start);
    vocabulary.end = add(special.end);
    vocabulary.unknown = add(special.unknown);
    vocabulary.padding = add(special.padding);
    for (const AddedToken& token : described) add_token(vocabulary.added, token, where);
}

}  // namespace easel
