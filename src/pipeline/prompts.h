#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/embedding_file.h"
#include "settings/settings.h"
#include "text/prompt_chunks.h"
#include "text/tokenizer.h"

namespace easel {

/// An opened embedding, and what stands for it in prompts.
struct NamedEmbedding {
    /// In the web UI's reading.
    std::string name;
    /// In plain text.
    std::string token;
    std::shared_ptr<const EmbeddingFile> file;
    bool operator==(const NamedEmbedding&) const = default;
};

/// The prompt of one row of text: one text, or several that take turns from step to step.
struct PromptRow {
    /// The last step of each text.
    std::vector<int> last_steps;
    /// Of equal numbers of chunks.
    std::vector<std::vector<PromptChunk>> texts;
    /// How much it counts in guidance.
    double weight = 1.0;
    bool operator==(const PromptRow&) const = default;

    std::size_t chunk_count() const { return texts.front().size(); }
};

/// All that a conditioning depends on: the prompts as token ids.
struct PromptTokens {
    /// A row for each part of the prompt.
    std::vector<PromptRow> cond;
    /// Of the negative prompt, if guidance needs it.
    std::optional<PromptRow> uncond;
    int clip_skip = 1;
    /// Whether clip_skip is for the negative prompt too.
    bool skips_in_uncond = false;
    Emphasis emphasis = Emphasis::original;
    /// Whether zeros stand for the negative prompt.
    bool zero_uncond = false;
    /// Whether a pooled vector of the text is asked for.
    bool pools = false;
    /// With two text encoders the columns of the first one's embeddings; else 0.
    int first_width = 0;
    /// The words that WordPlace::word counts, those that no prompt has included.
    std::vector<NamedEmbedding> words;
    bool operator==(const PromptTokens&) const = default;

    bool has_words() const;
    /// In every row of text as the UNet sees it: rows of different lengths are repeated, which changes nothing in what
    /// attention computes, until all are equally long.
    std::size_t chunk_count() const;
};

/// The prompts of `settings`, read as they ask for, with a row for the negative prompt if they are guided, if the
/// weights of the prompt's parts need it, or if `needs_uncond`. Completes settings.prompt_syntax and settings.words,
/// and adds notes on what was cut and on what may surprise. Throws Error of kind bad_request where a prompt is longer
/// than can be drawn. `tokenizer_2` is that of a second text encoder, or null.
PromptTokens read_prompts(Settings& settings, const Tokenizer& tokenizer, const std::vector<NamedEmbedding>& words,
                          bool needs_uncond = false, const Tokenizer* tokenizer_2 = nullptr);

}  // namespace easel
