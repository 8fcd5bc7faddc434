#pragma once

#include <vector>

#include <easel/easel.h>

#include "pipeline/open_files.h"
#include "pipeline/prompts.h"
#include "weights/model_facts.h"

namespace easel {

/// The embeddings of the last picture, kept open: the next one often has the same.
class OpenEmbeddings {
  public:
    /// Opens those that are not open yet. Throws Error if a file is missing, broken, or for another family.
    std::vector<NamedEmbedding> open(const std::vector<Embedding>& embeddings, const ModelFacts& facts);

  private:
    OpenFiles<EmbeddingFile> files_;
};

}  // namespace easel
