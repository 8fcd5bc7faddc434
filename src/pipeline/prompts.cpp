#include "pipeline/prompts.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"
#include "diffusion/sampler_kind.h"
#include "text/prompt_schedule.h"

namespace easel {
namespace {

/// Of one prompt, and of a row that the UNet sees.
constexpr std::size_t most_chunks = 64, most_chunks_of_row = 2 * most_chunks;
constexpr std::size_t most_parts = 16;
constexpr double greatest_weight = 1e4;

/// A field, and what it is called in sentences.
struct PromptField {
    std::string_view field, what;
};
constexpr PromptField prompt_field = {"prompt", "the prompt"};
constexpr PromptField negative_field = {"negative_prompt", "the negative prompt"};

void check_weight(const PromptField& field, double weight) {
    if (!(std::abs(weight) <= greatest_weight))
        refuse(field.field, "one of its weights is {:.3g}; give weights from {:.0f} to {:.0f}", weight,
               -greatest_weight, greatest_weight);
}

/// How the web UI reads prompts.
class WebuiReader {
  public:
    WebuiReader(Settings& settings, const Tokenizer& tokenizer, const std::vector<LearnedWord>& words,
                const Tokenizer* tokenizer_2)
        : settings_(settings), chunker_(tokenizer, words) {
        if (tokenizer_2) chunker_2_.emplace(*tokenizer_2, words);
    }

    std::vector<PromptRow> cond() {
        const std::vector<PromptPart> parts = prompt_parts(settings_.prompt);
        if (parts.size() > most_parts)
            refuse("prompt", "AND divides it into {} parts; at most {} can be drawn", parts.size(), most_parts);
        std::vector<PromptRow> rows;
        for (const PromptPart& part : parts) {
            check_weight(prompt_field, part.weight);
            rows.push_back(row(part.text, prompt_field, settings_.prompt_2));
            rows.back().weight = part.weight;
        }
        if (rows.size() == 1 && rows.front().weight != 1.0)
            settings_.model_notes.push_back(
                fmt::format("the number at the end of the prompt, {}, is the weight of all of it, as in "
                            "AUTOMATIC1111's web UI; a comma behind it makes it text",
                            rows.front().weight));
        return rows;
    }

    PromptRow uncond() { return row(settings_.negative_prompt, negative_field, settings_.negative_prompt_2); }

    /// Makes all rows equally long, if that is asked for.
    void pad(std::vector<PromptRow>& cond, PromptRow& uncond) const {
        if (settings_.negative_padding == NegativePadding::none) return;
        std::size_t most = uncond.chunk_count();
        for (const PromptRow& row : cond) most = std::max(most, row.chunk_count());
        for (PromptRow& row : cond) lengthen(row, most);
        lengthen(uncond, most);
    }

  private:
    /// `text_2` is for the second text encoder; empty: the same.
    PromptRow row(const std::string& text, const PromptField& field, const std::string& text_2) {
        const int calls = settings_.plan.config.sampler->calls_per_step;
        const int steps = settings_.num_inference_steps * calls, before = settings_.first_pass_steps * calls;
        const PromptSchedule schedule =
            before > 0 ? prompt_schedule_of_second_pass(text, steps, before) : prompt_schedule(text, steps);
        PromptRow row;
        for (const auto& [last_step, of_step] : schedule.texts) {
            row.last_steps.push_back(last_step);
            row.texts.push_back(chunks(of_step, field, text_2.empty() ? of_step : text_2));
        }
        std::size_t most = 0;
        for (const auto& chunks : row.texts) most = std::max(most, chunks.size());
        lengthen(row, most);
        add_notes(schedule, text, field);
        return row;
    }

    std::vector<PromptChunk> chunks(const std::string& text, const PromptField& field,
                                    const std::string& text_2) const {
        const std::vector<WeightedText> texts = weighted_texts(text);
        for (const WeightedText& part : texts) check_weight(field, part.weight);
        std::vector<PromptChunk> chunks = chunker_.chunks(texts);
        if (chunker_2_) add_second(chunks, weighted_texts(text_2));
        if (chunks.size() > most_chunks)
            refuse(field.field, "it takes {} chunks of {} tokens; at most {} can be drawn", chunks.size(),
                   Tokenizer::most_tokens, most_chunks);
        return chunks;
    }

    /// The chunks for the second text encoder, which may be more or fewer.
    void add_second(std::vector<PromptChunk>& chunks, const std::vector<WeightedText>& texts) const {
        std::vector<PromptChunk> second = chunker_2_->chunks(texts);
        const std::size_t count = std::max(chunks.size(), second.size());
        chunks.resize(count, chunker_.empty());
        second.resize(count, chunker_2_->empty());
        for (std::size_t i = 0; i < count; ++i) {
            chunks[i].ids_2 = std::move(second[i].ids);
            chunks[i].weights_2 = std::move(second[i].weights);
            chunks[i].words_2 = std::move(second[i].words);
        }
    }

    PromptChunk empty() const {
        PromptChunk chunk = chunker_.empty();
        if (!chunker_2_) return chunk;
        const PromptChunk second = chunker_2_->empty();
        chunk.ids_2 = second.ids;
        chunk.weights_2 = second.weights;
        return chunk;
    }

    void lengthen(PromptRow& row, std::size_t count) const {
        for (auto& chunks : row.texts) chunks.resize(std::max(chunks.size(), count), empty());
    }

    void add_notes(const PromptSchedule& schedule, const std::string& text, const PromptField& field) {
        std::vector<std::string>& notes = settings_.model_notes;
        if (schedule.texts.size() > 1 && settings_.step_rule == StepRule::webui)
            notes.emplace_back(
                "the prompt changes one prediction later than its steps say, as in AUTOMATIC1111's web UI; a "
                "`step_rule` of plain makes it change on time");
        if (schedule.is_unreadable && text.find('[') != std::string::npos)
            notes.push_back(
                fmt::format("nothing in {} changes from step to step: a | outside of [a|b], or a "
                            "backslash at the end, switches that off, as in AUTOMATIC1111's web UI",
                            field.what));
    }

    Settings& settings_;
    PromptChunker chunker_;
    std::optional<PromptChunker> chunker_2_;
};

/// A tokenizer with learned words added to it.
class WordTokenizer {
  public:
    WordTokenizer(const Tokenizer& tokenizer, const std::vector<NamedEmbedding>& words)
        : tokenizer_(tokenizer), first_word_(tokenizer.greatest_id() + 1) {
        for (std::size_t i = 0; i < words.size(); ++i) {
            tokenizer_.add({.text = words[i].token, .id = first_word_ + static_cast<int>(i), .normalized = true});
            vectors_.push_back(words[i].file->vectors);
        }
    }

    TokenizedPrompt encode(const std::string& text) const { return tokenizer_.encode(text); }

    /// With as many places as the vectors of each word need; what no longer fits is cut off, which is noted.
    PromptChunk with_words(PromptChunk chunk, std::vector<std::string>& notes) const {
        const auto is_word = [&](int id) { return id >= first_word_; };
        const auto begin = chunk.ids.begin() + 1;
        const std::vector<int> ids(begin, begin + static_cast<std::ptrdiff_t>(chunk.token_count));
        if (std::ranges::none_of(ids, is_word)) return chunk;
        std::vector<int> wide;
        for (const int id : ids) {
            if (!is_word(id)) {
                wide.push_back(id);
                continue;
            }
            const auto word = static_cast<std::size_t>(id - first_word_);
            const std::size_t fitting =
                std::min(static_cast<std::size_t>(vectors_[word]),
                         Tokenizer::most_tokens - std::min(wide.size(), Tokenizer::most_tokens));
            if (fitting > 0)
                chunk.words.push_back({.place = wide.size() + 1, .word = word, .vectors = static_cast<int>(fitting)});
            wide.insert(wide.end(), static_cast<std::size_t>(vectors_[word]), 0);
        }
        if (wide.size() > Tokenizer::most_tokens)
            notes.push_back(
                fmt::format("with the vectors of its embeddings a prompt has {} tokens, of which {} are used",
                            wide.size(), Tokenizer::most_tokens));
        wide.resize(std::min(wide.size(), Tokenizer::most_tokens));
        const int padding = chunk.ids.back();
        chunk.token_count = wide.size();
        chunk.ids.resize(1);
        chunk.ids.insert(chunk.ids.end(), wide.begin(), wide.end());
        chunk.ids.push_back(tokenizer_.end());
        chunk.ids.resize(Tokenizer::row_length, padding);
        return chunk;
    }

  private:
    Tokenizer tokenizer_;
    int first_word_;
    std::vector<int> vectors_;
};

/// How diffusers reads prompts.
class PlainReader {
  public:
    PlainReader(Settings& settings, const Tokenizer& tokenizer, const std::vector<NamedEmbedding>& words,
                const Tokenizer* tokenizer_2)
        : settings_(settings), tokenizer_(tokenizer, words) {
        if (tokenizer_2) tokenizer_2_.emplace(*tokenizer_2, words);
    }

    PromptRow row(const std::string& text, const PromptField& field, const std::string& text_2) {
        TokenizedPrompt tokens = tokenizer_.encode(text);
        if (tokens.cut_tokens > 0)
            settings_.notes.push_back(fmt::format("{} has {} tokens, of which {} are used; cut: {}", field.what,
                                                  tokens.token_count, Tokenizer::most_tokens,
                                                  fmt::join(tokens.cut, " ")));
        PromptChunk chunk = tokenizer_.with_words(plain_chunk(std::move(tokens)), settings_.notes);
        if (tokenizer_2_) {
            std::vector<std::string> told;  // of the same text once
            PromptChunk second =
                tokenizer_2_->with_words(plain_chunk(tokenizer_2_->encode(text_2.empty() ? text : text_2)),
                                         text_2.empty() ? told : settings_.notes);
            chunk.ids_2 = std::move(second.ids);
            chunk.weights_2 = std::move(second.weights);
            chunk.words_2 = std::move(second.words);
        }
        chunk.pooled_place = last_word_place(tokenizer_2_ ? chunk.words_2 : chunk.words);
        return {.last_steps = {settings_.num_inference_steps}, .texts = {{std::move(chunk)}}};
    }

  private:
    /// The published text encoders take the greatest id for the text's end; added tokens have greater ones. Source:
    /// transformers' CLIPTextModel, for an eos_token_id of 2.
    static std::optional<std::size_t> last_word_place(const std::vector<WordPlace>& words) {
        const auto greatest = std::ranges::max_element(words, {}, &WordPlace::word);  // the first of several
        if (greatest == words.end()) return std::nullopt;
        return greatest->place + static_cast<std::size_t>(greatest->vectors) - 1;
    }

    Settings& settings_;
    WordTokenizer tokenizer_;
    std::optional<WordTokenizer> tokenizer_2_;
};

/// Whether the web UI's reading gives what plain text does.
bool is_plain(const PromptRow& row, const std::string& text, const Tokenizer& tokenizer) {
    if (row.weight != 1.0 || row.texts.size() != 1 || row.chunk_count() != 1) return false;
    const PromptChunk& chunk = row.texts.front().front();
    if (chunk.is_weighted() || chunk.has_words()) return false;
    const std::vector<int> ids = tokenizer.ids(text);
    return ids.size() == chunk.token_count && std::equal(ids.begin(), ids.end(), chunk.ids.begin() + 1);
}

/// The web UI knows only the names; the tokens are those that diffusers adds.
std::vector<LearnedWord> learned_words(const std::vector<NamedEmbedding>& embeddings) {
    std::vector<LearnedWord> words;
    const auto add = [&](std::string NamedEmbedding::*name) {
        for (std::size_t i = 0; i < embeddings.size(); ++i)
            words.push_back({.name = embeddings[i].*name, .word = i, .vectors = embeddings[i].file->vectors});
    };
    add(&NamedEmbedding::name);
    add(&NamedEmbedding::token);
    return words;
}

template <typename Action>
void for_each_chunk(const PromptTokens& tokens, const Action& action) {
    const auto visit = [&](const PromptRow& row) {
        for (const auto& chunks : row.texts)
            for (const PromptChunk& chunk : chunks) action(chunk);
    };
    for (const PromptRow& row : tokens.cond) visit(row);
    if (tokens.uncond) visit(*tokens.uncond);
}

std::vector<NamedHash> used_words(const PromptTokens& tokens, PromptSyntax syntax) {
    std::set<std::size_t> used;
    for_each_chunk(tokens, [&](const PromptChunk& chunk) {
        for (const WordPlace& place : chunk.words) used.insert(place.word);
        for (const WordPlace& place : chunk.words_2) used.insert(place.word);
    });
    std::vector<NamedHash> words;
    for (const std::size_t index : used) {
        const NamedEmbedding& word = tokens.words[index];
        words.push_back({.name = syntax == PromptSyntax::webui ? word.name : word.token, .hash = word.file->sha256});
    }
    return words;
}

PromptTokens read_webui(Settings& settings, const Tokenizer& tokenizer, const std::vector<NamedEmbedding>& words,
                        bool needs_uncond, const Tokenizer* tokenizer_2) {
    WebuiReader reader(settings, tokenizer, learned_words(words), tokenizer_2);
    PromptTokens tokens{.cond = reader.cond(),
                        .clip_skip = settings.clip_skip,
                        .skips_in_uncond = true,
                        .emphasis = settings.emphasis,
                        .words = words};
    if (needs_uncond || settings.guided() || tokens.cond.size() > 1 || tokens.cond.front().weight != 1.0) {
        tokens.uncond = reader.uncond();
        reader.pad(tokens.cond, *tokens.uncond);
    }
    return tokens;
}

PromptTokens read_plain(Settings& settings, const Tokenizer& tokenizer, const std::vector<NamedEmbedding>& words,
                        bool needs_uncond, const Tokenizer* tokenizer_2) {
    PlainReader reader(settings, tokenizer, words, tokenizer_2);
    PromptTokens tokens{.cond = {reader.row(settings.prompt, prompt_field, settings.prompt_2)},
                        .clip_skip = settings.clip_skip,
                        .words = words};
    if (needs_uncond || settings.guided())
        tokens.uncond = reader.row(settings.negative_prompt, negative_field, settings.negative_prompt_2);
    return tokens;
}

}  // namespace

bool PromptTokens::has_words() const {
    bool found = false;
    for_each_chunk(*this, [&](const PromptChunk& chunk) { found = found || chunk.has_words(); });
    return found;
}

std::size_t PromptTokens::chunk_count() const {
    std::size_t count = 0;
    for (const PromptRow& row : cond) count = std::max(count, row.chunk_count());
    return uncond ? std::lcm(count, uncond->chunk_count()) : count;
}

PromptTokens read_prompts(Settings& settings, const Tokenizer& tokenizer, const std::vector<NamedEmbedding>& words,
                          bool needs_uncond, const Tokenizer* tokenizer_2) {
    PromptTokens tokens;
    if (settings.prompt_syntax != PromptSyntax::plain) {
        tokens = read_webui(settings, tokenizer, words, needs_uncond, tokenizer_2);
        if (!settings.prompt_syntax) {
            const bool both = tokens.cond.size() == 1 && is_plain(tokens.cond.front(), settings.prompt, tokenizer) &&
                              (!tokens.uncond || is_plain(*tokens.uncond, settings.negative_prompt, tokenizer));
            settings.prompt_syntax = both ? PromptSyntax::plain : PromptSyntax::webui;
        }
    }
    if (settings.prompt_syntax == PromptSyntax::plain)
        tokens = read_plain(settings, tokenizer, words, needs_uncond, tokenizer_2);
    tokens.zero_uncond = settings.zero_negative;
    tokens.pools = !settings.size_ids.cond.empty();  // a UNet is told both or neither
    tokens.first_width = settings.first_text_width;
    if (tokens.chunk_count() > most_chunks_of_row)
        refuse("negative_padding",
               "prompts of {} and {} chunks cannot be drawn together as they are; empty_chunks makes them equally long",
               tokens.cond.front().chunk_count(), tokens.uncond->chunk_count());
    settings.words = used_words(tokens, *settings.prompt_syntax);
    return tokens;
}

}  // namespace easel
