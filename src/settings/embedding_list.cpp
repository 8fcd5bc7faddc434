#include "settings/embedding_list.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/lines.h"
#include "text/characters.h"

namespace easel {
namespace {

Embedding embedding_from_text(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || text.find('/', colon) != std::string_view::npos) return {.file = text};
    return {.file = text.substr(0, colon), .token = std::string(text.substr(colon + 1))};
}

std::string text_of(const Embedding& embedding) {
    const std::string file = embedding.file.string();
    // A colon behind a name that has one says that it ends there.
    const bool needs_colon = !embedding.token.empty() || embedding_from_text(file).file != embedding.file;
    return needs_colon ? fmt::format("{}:{}", file, embedding.token) : file;
}

}  // namespace

std::string text_of(const std::vector<Embedding>& embeddings) {
    std::vector<std::string> lines;
    for (const Embedding& embedding : embeddings) lines.push_back(text_of(embedding));
    return fmt::format("{}", fmt::join(lines, "\n"));
}

std::vector<Embedding> embeddings_from_text(std::string_view text) {
    std::vector<Embedding> embeddings;
    for (const std::string_view line : lines_of(text)) embeddings.push_back(embedding_from_text(line));
    return embeddings;
}

std::string name_of(const Embedding& embedding) {
    return embedding.token.empty() ? embedding.file.stem().string() : embedding.token;
}

bool is_embedding_list(std::string_view text) {
    const std::vector<Embedding> embeddings = embeddings_from_text(text);
    for (const Embedding& embedding : embeddings) check_utf8(name_of(embedding), "the name of an embedding");
    return std::ranges::none_of(embeddings, [](const Embedding& embedding) { return embedding.file.empty(); });
}

}  // namespace easel
