#include "pipeline/open_embeddings.h"

#include <memory>
#include <string>

#include <fmt/format.h>

#include "base/error.h"
#include "settings/embedding_list.h"

namespace easel {
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
    std::vector<NamedEmbedding> named;
    for (const Embedding& asked : embeddings) {
        const auto file = files_.get(asked.file, [&]() -> ReadFiles<EmbeddingFile> {
            return {std::make_shared<const EmbeddingFile>(open_embedding(asked.file)), {asked.file}};
        });
        check_fits(*file, facts);
        named.push_back({.name = name_of(asked),
                         .token = asked.token.empty() && !file->token.empty() ? file->token : name_of(asked),
                         .file = file});
    }
    files_.close_others();
    return named;
}

}  // namespace easel
