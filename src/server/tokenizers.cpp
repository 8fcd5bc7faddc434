#include "server/tokenizers.h"

#include "pipeline/model.h"

namespace easel::server {

std::shared_ptr<const Tokenizer> Tokenizers::find(const NamedModel& model) {
    const std::lock_guard lock(mutex_);
    return kept_.get(model.path, [&] {
        return std::make_shared<const Tokenizer>(tokenizer_for({.model = model.path, .tokenizer = instead_}));
    });
}

}  // namespace easel::server
