#include "collection/embedding_files.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "base/files.h"
#include "base/sha256.h"
#include "collection/named_files.h"
#include "settings/embedding_list.h"
#include "text/characters.h"
#include "text/words.h"

namespace easel {
namespace fs = std::filesystem;
namespace {

constexpr std::array<std::string_view, 3> extensions = {".safetensors", ".pt", ".bin"};
/// Embeddings have some thousand bytes; other files are not worth a checksum.
constexpr std::uintmax_t largest_checked = 16u << 20;

/// As the tokenizer splits a text: it compares names by what is in these.
std::vector<std::u32string> words_of(std::string_view text) {
    std::vector<std::u32string> words;
    const std::vector<Character> characters = normalize(text);
    for (const auto word : split_words(characters)) {
        words.emplace_back();
        for (const Character c : word) words.back() += c.folded;
    }
    return words;
}

/// Whether the words of a name stand in a text. The first one may be the end of a longer word, as tokens may.
bool is_in(const std::vector<std::u32string>& name, const std::vector<std::u32string>& text) {
    const auto same = [&](const std::u32string& in_text, const std::u32string& in_name) {
        return in_text == in_name || (&in_name == &name.front() && in_text.ends_with(in_name));
    };
    return !name.empty() && !std::ranges::search(text, name, same).empty();
}

/// Empty where there is none to be had.
std::string hash_of(const fs::path& path) {
    std::error_code error;
    const auto size = fs::file_size(path, error);
    return error || size > largest_checked ? "" : sha256(MappedFile(path).bytes());
}

/// Adds the files of the folder whose names stand in the prompts.
void add_named(Request& request, const NamedFolder& folder) {
    const std::vector<std::u32string> prompts[] = {words_of(request.prompt), words_of(request.negative_prompt)};
    for (const fs::path& path : files_in(folder)) {
        const std::string name = path.stem().string();
        if (!folder.has_extension(path) || !is_utf8(name)) continue;
        const auto is_there = [&](const Embedding& embedding) {
            return embedding.file == path || name_of(embedding) == name;
        };
        const auto has_name = [&](const auto& prompt) { return is_in(words_of(name), prompt); };
        if (std::ranges::any_of(prompts, has_name) && std::ranges::none_of(request.embeddings, is_there))
            request.embeddings.push_back({.file = path, .token = {}});
    }
}

}  // namespace

NamedFolder embedding_folder(const fs::path& path) {
    return {.field = "embedding_dir", .path = path, .extensions = extensions};
}

void find_embeddings(Request& request, const fs::path& path) {
    const NamedFolder folder = embedding_folder(path);
    for (Embedding& embedding : request.embeddings) {
        std::error_code ignored;
        if (fs::exists(embedding.file, ignored)) continue;
        const auto found = find_named(folder, embedding.file);
        if (!found)
            throw Error(
                ErrorKind::not_found,
                fmt::format("`embeddings` {}: there is no such file; {}", embedding.file.string(), folder.looked_at()),
                "embeddings");
        embedding.file = *found;
    }
    add_named(request, folder);
}

void find_stored_embeddings(Request& request, const std::vector<std::string>& hashes, const fs::path& path,
                            const Note& note) {
    const NamedFolder folder = embedding_folder(path);
    std::vector<Embedding> stored = std::exchange(request.embeddings, {});
    for (std::size_t i = 0; i < stored.size(); ++i) {
        auto found = find_named(folder, stored[i].file);
        if (!found) found = find_by_hash(folder, hashes.at(i), hash_of);
        if (found) {
            if (note && !hash_of(*found).starts_with(hashes.at(i)))
                note(fmt::format("{}: is another file than the picture's embedding of that name", found->string()));
            request.embeddings.push_back({.file = *found, .token = stored[i].token});
        } else if (note) {
            note(fmt::format("there is no embedding \"{}\"; {}; it is left out", stored[i].token, folder.looked_at()));
        }
    }
    add_named(request, folder);
}

}  // namespace easel
