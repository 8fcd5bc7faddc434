#include "pipeline/open_embeddings.h"

#include <algorithm>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "settings/embedding_list.h"

namespace easel {
namespace fs = std::filesystem;
namespace {

void check_fits(const EmbeddingFile& file, const ModelFacts& facts) {
    const TextFacts& text = facts.text;
    if (text.is_double && file.width_2 == 0)
        fail(ErrorKind::unsupported,
             "{}: is an embedding for a model with one text encoder; {} has two and needs one with clip_l and clip_g",
             file.path.string(), facts.identity.family);
    if (!text.is_double && file.width_2 > 0)
        fail(ErrorKind::unsupported, "{}: is an embedding for Stable Diffusion XL; this model needs one for {}",
             file.path.string(), facts.identity.family);
    const int first = text.is_double ? text.first_width : text.width.value_or(file.width);
    const int second = text.is_double ? text.width.value_or(first + file.width_2) - first : 0;
    if (file.width != first || file.width_2 != second) {
        const auto numbers = [](int width, int width_2) {
            return width_2 > 0 ? fmt::format("{} and {}", width, width_2) : fmt::format("{}", width);
        };
        fail(ErrorKind::unsupported, "{}: its vectors have {} numbers, and the model's {}; it is for another family",
             file.path.string(), numbers(file.width, file.width_2), numbers(first, second));
    }
}

}  // namespace

std::vector<NamedEmbedding> OpenEmbeddings::open(const std::vector<Embedding>& embeddings, const ModelFacts& facts) {
    std::vector<Opened> now;
    std::vector<NamedEmbedding> named;
    for (const Embedding& asked : embeddings) {
        std::error_code none;  // open_embedding() says what is wrong with a path
        Opened opened{
            .file = nullptr, .written = fs::last_write_time(asked.file, none), .size = fs::file_size(asked.file, none)};
        const auto same = [&](const Opened& other) {
            return other.file->path == asked.file && other.written == opened.written && other.size == opened.size;
        };
        if (const auto found = std::ranges::find_if(opened_, same); found != opened_.end()) opened.file = found->file;
        if (!opened.file) opened.file = std::make_shared<const EmbeddingFile>(open_embedding(asked.file));
        check_fits(*opened.file, facts);
        const std::string& own = opened.file->token;
        named.push_back({.name = name_of(asked),
                         .token = asked.token.empty() && !own.empty() ? own : name_of(asked),
                         .file = opened.file});
        now.push_back(std::move(opened));
    }
    opened_ = std::move(now);
    return named;
}

}  // namespace easel
