#pragma once

#include <cstddef>
#include <memory>
#include <stop_token>
#include <vector>

#include "pipeline/prompts.h"
#include "runtime/conditioning.h"
#include "runtime/text_encoder.h"

namespace easel {

/// The prompts, encoded: which conditioning each prediction sees.
class Contexts {
  public:
    /// Encodes each distinct chunk once. `text_encoder` is one for the tokens' clip_skip, and takes vectors if they
    /// have words.
    Contexts(const PromptTokens& tokens, TextEncoder& text_encoder, const std::stop_token& stop);

    /// Which text each row has for a prediction, counted from 0.
    std::vector<std::size_t> texts_at(int prediction, StepRule rule) const;

    /// What steers the denoiser with those texts.
    Conditioning conditioning(const std::vector<std::size_t>& texts) const;

  private:
    /// The embeddings of a text, [tokens, width].
    using Embedded = std::vector<float>;
    struct Row {
        std::vector<int> last_steps;
        std::vector<std::shared_ptr<const Embedded>> texts;
        /// Of each text the pooled vector; empty where none is asked for.
        std::vector<std::vector<float>> pooled;
    };

    /// The negative prompt's, if there is one, and those of the prompt's parts.
    std::vector<Row> rows_;
    bool has_uncond_;
    int tokens_, width_ = 0;
};

/// Repeats the negative prompt's row of text: for a row that is shown the picture but not the prompt.
void repeat_uncond(Conditioning& conditioning);

/// Drops all rows but the last, whose prompt has no parts.
void keep_last_row(Conditioning& conditioning);

/// Adds what steers the denoiser besides the text: the guidance scale and the sizes.
void add_settings(Conditioning& conditioning, const Settings& settings);

}  // namespace easel
