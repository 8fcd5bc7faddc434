#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <utility>

#include "base/kept.h"
#include "server/models.h"
#include "text/tokenizer.h"

namespace easel::server {

/// The tokenizer of the model that was asked for last, without its weights. May be used by several threads.
class Tokenizers {
  public:
    /// `instead` is that of all models, in place of their own; empty for none.
    explicit Tokenizers(std::filesystem::path instead) : instead_(std::move(instead)) {}

    /// Throws Error as tokenizer_for() does.
    std::shared_ptr<const Tokenizer> find(const NamedModel& model);

  private:
    const std::filesystem::path instead_;
    std::mutex mutex_;
    Kept<std::shared_ptr<const Tokenizer>, std::filesystem::path> kept_;
};

}  // namespace easel::server
