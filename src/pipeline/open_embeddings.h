#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include <easel/easel.h>

#include "pipeline/prompts.h"
#include "weights/model_facts.h"

namespace easel {

/// The embeddings of the last picture, kept open: the next one often has the same.
class OpenEmbeddings {
  public:
    /// Opens those that are not open yet. Throws Error if a file is missing, broken, or for another family.
    std::vector<NamedEmbedding> open(const std::vector<Embedding>& embeddings, const ModelFacts& facts);

  private:
    struct Opened {
        std::shared_ptr<const EmbeddingFile> file;
        /// A file that was written again is another one.
        std::filesystem::file_time_type written;
        std::uintmax_t size = 0;
    };
    std::vector<Opened> opened_;
};

}  // namespace easel
