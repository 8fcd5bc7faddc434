#include "pipeline/contexts.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <span>
#include <string>
#include <tuple>
#include <utility>

#include "text/prompt_schedule.h"

namespace easel {
namespace {

/// What the text encoder makes of a chunk depends on this.
using WordKey = std::vector<std::pair<std::size_t, std::size_t>>;
using ChunkKey = std::tuple<std::vector<int>, std::vector<int>, WordKey, WordKey, TextEncoder::State>;

/// What it is.
struct EncodedChunk {
    /// [tokens, width]
    std::vector<float> values;
    /// Where it is asked for.
    std::vector<float> pooled;
};

WordKey key_of(const std::vector<WordPlace>& words) {
    WordKey key;
    for (const WordPlace& place : words) key.emplace_back(place.place, place.word);
    return key;
}

ChunkKey key_of(const PromptChunk& chunk, TextEncoder::State state) {
    return {chunk.ids, chunk.ids_2, key_of(chunk.words), key_of(chunk.words_2), state};
}

/// Encodes chunks, each that is another only once.
class ChunkEncoder {
  public:
    ChunkEncoder(const PromptTokens& tokens, TextEncoder& text_encoder, const std::stop_token& stop)
        : tokens_(tokens), takes_vectors_(tokens.has_words()), text_encoder_(text_encoder), stop_(stop) {}

    /// [tokens, width]
    std::vector<float> encode(const std::vector<PromptChunk>& chunks, TextEncoder::State state) {
        std::vector<float> joined;
        for (const PromptChunk& chunk : chunks) {
            std::vector<float> values = encode(chunk, state).values;
            apply_weights(values, chunk);
            joined.insert(joined.end(), values.begin(), values.end());
        }
        return joined;
    }

    /// The pooled vector of the first chunk; empty where none is asked for.
    std::vector<float> pooled(const std::vector<PromptChunk>& chunks, TextEncoder::State state) {
        return encode(chunks.front(), state).pooled;
    }

  private:
    const EncodedChunk& encode(const PromptChunk& chunk, TextEncoder::State state) {
        const auto [found, is_new] = encoded_.try_emplace(key_of(chunk, state));
        if (is_new && !chunk.ids_2.empty()) {
            found->second.values = encode_twice(chunk, state);
        } else if (is_new) {
            found->second.values = takes_vectors_ ? text_encoder_.encode(chunk.ids, learned(chunk.words), state, stop_)
                                                  : text_encoder_.encode(chunk.ids, state, stop_);
        }
        if (is_new && tokens_.pools) found->second.pooled = text_encoder_.pooled(pooled_place(chunk), chunk.ids.size());
        return found->second;
    }

    static std::size_t pooled_place(const PromptChunk& chunk) {
        // The end of the text has the greatest id.
        const std::vector<int>& ids = chunk.ids_2.empty() ? chunk.ids : chunk.ids_2;  // the last text encoder's
        const auto end = std::ranges::max_element(ids) - ids.begin();
        return chunk.pooled_place.value_or(static_cast<std::size_t>(end));
    }

    /// By two text encoders.
    std::vector<float> encode_twice(const PromptChunk& chunk, TextEncoder::State state) {
        if (!takes_vectors_) return text_encoder_.encode(chunk.ids, chunk.ids_2, state, stop_);
        return text_encoder_.encode(chunk.ids, learned(chunk.words), chunk.ids_2,
                                    learned(chunk.words_2, &EmbeddingFile::values_2, &EmbeddingFile::width_2), state,
                                    stop_);
    }

    std::vector<LearnedVectors> learned(const std::vector<WordPlace>& words,
                                        std::vector<float> EmbeddingFile::*values = &EmbeddingFile::values,
                                        int EmbeddingFile::*width = &EmbeddingFile::width) const {
        std::vector<LearnedVectors> vectors;
        for (const WordPlace& place : words) {
            const EmbeddingFile& file = *tokens_.words[place.word].file;
            const std::size_t count = static_cast<std::size_t>(place.vectors) * static_cast<std::size_t>(file.*width);
            vectors.push_back({.place = place.place, .values = std::span(file.*values).first(count)});
        }
        return vectors;
    }

    void apply_weights(std::span<float> values, const PromptChunk& chunk) const {
        if (tokens_.emphasis == Emphasis::ignore || !chunk.is_weighted()) return;
        const std::size_t width = values.size() / chunk.weights.size();
        const std::size_t first = chunk.ids_2.empty() ? width : static_cast<std::size_t>(tokens_.first_width);
        apply_weights(values, width, 0, first, chunk.weights);
        if (!chunk.ids_2.empty()) apply_weights(values, width, first, width, chunk.weights_2);
    }

    /// To the columns `begin` to `end`, which one text encoder gave.
    void apply_weights(std::span<float> values, std::size_t width, std::size_t begin, std::size_t end,
                       const std::vector<double>& weights) const {
        const auto for_each = [&](const auto& action) {
            for (std::size_t row = 0; row < weights.size(); ++row)
                for (std::size_t column = begin; column < end; ++column) action(row, values[row * width + column]);
        };
        const auto sum = [&] {
            double total = 0.0;
            for_each([&](std::size_t, float value) { total += value; });
            return total;
        };
        const double before = sum();
        for_each([&](std::size_t row, float& value) { value *= static_cast<float>(weights[row]); });
        if (tokens_.emphasis != Emphasis::original) return;
        const auto factor = static_cast<float>(before / sum());
        for_each([&](std::size_t, float& value) { value *= factor; });
    }

    const PromptTokens& tokens_;
    bool takes_vectors_;
    TextEncoder& text_encoder_;
    const std::stop_token& stop_;
    std::map<ChunkKey, EncodedChunk> encoded_;
};

/// A text of `count` tokens made longer. Parts of one prompt are, as in the web UI, by their last vector; the negative
/// prompt and the prompt by repetition, which changes nothing in what attention computes.
void append_lengthened(std::vector<float>& to, std::span<const float> text, std::size_t part_size, std::size_t size,
                       std::size_t width) {
    const std::size_t begin = to.size();
    to.insert(to.end(), text.begin(), text.end());
    const auto last = text.last(width);
    while (to.size() - begin < part_size) to.insert(to.end(), last.begin(), last.end());
    while (to.size() - begin < size) {
        const std::vector<float> part(to.begin() + static_cast<std::ptrdiff_t>(begin),
                                      to.begin() + static_cast<std::ptrdiff_t>(begin + part_size));
        to.insert(to.end(), part.begin(), part.end());
    }
}

}  // namespace

Contexts::Contexts(const PromptTokens& tokens, TextEncoder& text_encoder, const std::stop_token& stop)
    : has_uncond_(tokens.uncond.has_value()), tokens_(static_cast<int>(tokens.chunk_count() * Tokenizer::row_length)) {
    ChunkEncoder encoder(tokens, text_encoder, stop);
    const auto add_row = [&](const PromptRow& row, TextEncoder::State state) {
        Row& added = rows_.emplace_back();
        added.last_steps = row.last_steps;
        for (const auto& chunks : row.texts) {
            added.texts.push_back(std::make_shared<const Embedded>(encoder.encode(chunks, state)));
            added.pooled.push_back(encoder.pooled(chunks, state));
            width_ = static_cast<int>(added.texts.back()->size() / (chunks.size() * Tokenizer::row_length));
        }
    };
    // diffusers has clip_skip for the prompt alone.
    if (tokens.uncond)
        add_row(*tokens.uncond, tokens.skips_in_uncond ? TextEncoder::State::skipped : TextEncoder::State::last);
    if (tokens.uncond && tokens.zero_uncond) {
        Row& row = rows_.front();
        for (auto& text : row.texts) text = std::make_shared<const Embedded>(text->size(), 0.0F);
        for (auto& pooled : row.pooled) std::ranges::fill(pooled, 0.0F);
    }
    for (const PromptRow& row : tokens.cond) add_row(row, TextEncoder::State::skipped);
}

std::vector<std::size_t> Contexts::texts_at(int prediction, StepRule rule) const {
    std::vector<std::size_t> texts;
    for (const Row& row : rows_)
        texts.push_back(text_at(row.last_steps, rule == StepRule::webui ? prediction : prediction + 1));
    return texts;
}

Conditioning Contexts::conditioning(const std::vector<std::size_t>& texts) const {
    Conditioning conditioning{.rows = static_cast<int>(rows_.size()), .tokens = tokens_, .width = width_};
    const auto width = static_cast<std::size_t>(width_);
    const std::size_t size = static_cast<std::size_t>(tokens_) * width;
    std::size_t of_parts = 0;
    for (std::size_t i = has_uncond_ ? 1 : 0; i < rows_.size(); ++i)
        of_parts = std::max(of_parts, rows_[i].texts[texts[i]]->size());
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        const Embedded& text = *rows_[i].texts[texts[i]];
        const std::vector<float>& pooled = rows_[i].pooled[texts[i]];
        conditioning.pooled.insert(conditioning.pooled.end(), pooled.begin(), pooled.end());
        append_lengthened(conditioning.text, text, has_uncond_ && i == 0 ? text.size() : of_parts, size, width);
    }
    return conditioning;
}

void repeat_uncond(Conditioning& conditioning) {
    const auto repeat_first = [rows = static_cast<std::size_t>(conditioning.rows)](std::vector<float>& values) {
        const std::vector<float> first(values.begin(),
                                       values.begin() + static_cast<std::ptrdiff_t>(values.size() / rows));
        values.insert(values.begin(), first.begin(), first.end());
    };
    repeat_first(conditioning.text);
    repeat_first(conditioning.pooled);
    ++conditioning.rows;
}

void keep_last_row(Conditioning& conditioning) {
    const auto keep = [rows = static_cast<std::size_t>(conditioning.rows)](std::vector<float>& values) {
        values.erase(values.begin(), values.end() - static_cast<std::ptrdiff_t>(values.size() / rows));
    };
    keep(conditioning.text);
    keep(conditioning.pooled);
    keep(conditioning.size_ids);
    for (auto& [tokens, scale] : conditioning.image_prompts) keep(tokens);
    conditioning.rows = 1;
}

void add_settings(Conditioning& conditioning, const Settings& settings) {
    conditioning.guidance_scale = settings.guidance_scale;
    for (int row = 0; row < conditioning.rows; ++row)
        for (const double id : conditioning.rows > 1 && row == 0 ? settings.size_ids.uncond : settings.size_ids.cond)
            conditioning.size_ids.push_back(static_cast<float>(id));
}

}  // namespace easel
