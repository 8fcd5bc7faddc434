#include "pipeline/conditioning.h"

#include <cstddef>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace easel {

PromptTokens tokenize(const Settings& settings, int rows, const Tokenizer& tokenizer,
                      const std::function<void(const std::string&)>& note) {
    const auto ids = [&](const std::string& prompt, std::string_view what) {
        TokenizedPrompt tokens = tokenizer.encode(prompt);
        if (tokens.cut_tokens > 0 && note)
            note(fmt::format("{} has {} tokens, of which 75 are used; cut: {}", what, tokens.token_count,
                             fmt::join(tokens.cut, " ")));
        return std::move(tokens.ids);
    };
    PromptTokens tokens{.cond = ids(settings.prompt, "the prompt"), .clip_skip = settings.clip_skip};
    if (rows == 2) tokens.uncond = ids(settings.negative_prompt, "the negative prompt");
    return tokens;
}

Conditioning encode(const PromptTokens& tokens, TextEncoder& text_encoder, const std::stop_token& stop) {
    Conditioning conditioning{.tokens = static_cast<int>(tokens.cond.size())};
    const auto add_row = [&](const std::vector<int>& ids, TextEncoder::State state) {
        const std::vector<float> row = text_encoder.encode(ids, state, stop);
        conditioning.text.insert(conditioning.text.end(), row.begin(), row.end());
        conditioning.width = static_cast<int>(row.size() / ids.size());
        ++conditioning.rows;
    };
    // clip_skip is for the prompt alone, as diffusers has it.
    if (tokens.uncond) add_row(*tokens.uncond, TextEncoder::State::last);
    add_row(tokens.cond, TextEncoder::State::skipped);
    return conditioning;
}

}  // namespace easel
