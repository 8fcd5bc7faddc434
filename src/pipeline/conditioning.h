#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "runtime/conditioning.h"
#include "runtime/text_encoder.h"
#include "settings/settings.h"
#include "text/tokenizer.h"

namespace easel {

/// All that a conditioning depends on: the prompts as token ids, the negative one only if there are two rows.
struct PromptTokens {
    std::vector<int> cond;
    std::optional<std::vector<int>> uncond;
    int clip_skip = 1;
    bool operator==(const PromptTokens&) const = default;
};

/// The prompts of `settings` for so many rows of text. `note`, which may be empty, is called for words that do not fit.
PromptTokens tokenize(const Settings& settings, int rows, const Tokenizer& tokenizer,
                      const std::function<void(const std::string&)>& note);

/// `text_encoder` is one for the tokens' clip_skip.
Conditioning encode(const PromptTokens& tokens, TextEncoder& text_encoder, const std::stop_token& stop);

}  // namespace easel
