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
using ChunkKey = std::tuple<std::vector<int>, std::vector<std::pair<std::size_t, std::size_t>>, TextEncoder::State>;

ChunkKey key_of(const PromptChunk& chunk, TextEncoder::State state) {
    std::vector<std::pair<std::size_t, std::size_t>> words;
    for (const WordPlace& place : chunk.words) words.emplace_back(place.place, place.word);
    return {chunk.ids, std::move(words), state};
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
            std::vector<float> values = encode(chunk, state);
            apply_weights(values, chunk);
            joined.insert(joined.end(), values.begin(), values.end());
        }
        return joined;
    }

  private:
    const std::vector<float>& encode(const PromptChunk& chunk, TextEncoder::State state) {
        const auto [found, is_new] = encoded_.try_emplace(key_of(chunk, state));
        if (is_new) {
            std::vector<LearnedVectors> learned;
            for (const WordPlace& place : chunk.words)
                learned.push_back({.place = place.place, .values = vectors(place)});
            found->second = takes_vectors_ ? text_encoder_.encode(chunk.ids, learned, state, stop_)
                                           : text_encoder_.encode(chunk.ids, state, stop_);
        }
        return found->second;
    }

    std::span<const float> vectors(const WordPlace& place) const {
        const EmbeddingFile& file = *tokens_.words[place.word].file;
        return std::span(file.values)
            .first(static_cast<std::size_t>(place.vectors) * static_cast<std::size_t>(file.width));
    }

    void apply_weights(std::span<float> values, const PromptChunk& chunk) const {
        if (tokens_.emphasis == Emphasis::ignore || !chunk.is_weighted()) return;
        const auto sum = [&] { return std::accumulate(values.begin(), values.end(), 0.0); };
        const double before = sum();
        const std::size_t width = values.size() / chunk.weights.size();
        for (std::size_t i = 0; i < values.size(); ++i) values[i] *= static_cast<float>(chunk.weights[i / width]);
        if (tokens_.emphasis != Emphasis::original) return;
        const auto factor = static_cast<float>(before / sum());
        for (float& value : values) value *= factor;
    }

    const PromptTokens& tokens_;
    bool takes_vectors_;
    TextEncoder& text_encoder_;
    const std::stop_token& stop_;
    std::map<ChunkKey, std::vector<float>> encoded_;
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
            width_ = static_cast<int>(added.texts.back()->size() / (chunks.size() * Tokenizer::row_length));
        }
    };
    // diffusers has clip_skip for the prompt alone.
    if (tokens.uncond)
        add_row(*tokens.uncond, tokens.skips_in_uncond ? TextEncoder::State::skipped : TextEncoder::State::last);
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
        append_lengthened(conditioning.text, text, has_uncond_ && i == 0 ? text.size() : of_parts, size, width);
    }
    return conditioning;
}

}  // namespace easel
