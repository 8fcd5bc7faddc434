#include "text/prompt_chunks.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "text/prompt_schedule.h"

namespace easel {
namespace {

constexpr std::size_t look_back = 20;

}  // namespace

bool PromptChunk::is_weighted() const {
    const auto counts = [](double weight) { return weight != 1.0; };
    return std::ranges::any_of(weights, counts) || std::ranges::any_of(weights_2, counts);
}

/// Chunks while they are filled.
class ChunkWriter {
  public:
    explicit ChunkWriter(const PromptChunker& chunker) : chunker_(chunker) {}

    void close() {
        PromptChunk chunk = chunker_.empty();
        const auto end = std::ranges::copy(now_.ids, chunk.ids.begin() + 1).out;
        *end = chunker_.tokenizer_->end();
        std::ranges::copy(now_.weights, chunk.weights.begin() + 1);
        chunk.words = std::move(now_.words);
        chunk.token_count = now_.ids.size();
        chunks_.push_back(std::move(chunk));
        now_ = {};
        comma_.reset();
    }

    void add(const WeightedText& text) {
        const std::vector<int> ids = chunker_.tokenizer_->ids(text.text);
        for (std::size_t at = 0; at < ids.size();) {
            if (std::vector{ids[at]} == chunker_.comma_)
                comma_ = now_.ids.size();
            else if (is_full() && comma_ && Tokenizer::most_tokens - *comma_ <= look_back)
                close_behind_comma();
            if (is_full()) close();
            if (const auto* word = chunker_.word_at(ids, at)) {
                add_word(*word, text.weight);
                at += word->ids.size();
            } else {
                add_ids(1, ids[at++], text.weight);
            }
        }
    }

    std::vector<PromptChunk> finish() {
        if (!now_.ids.empty() || chunks_.empty()) close();
        return std::move(chunks_);
    }

  private:
    bool is_full() const { return now_.ids.size() == Tokenizer::most_tokens; }

    void add_ids(std::size_t count, int id, double weight) {
        now_.ids.insert(now_.ids.end(), count, id);
        now_.weights.insert(now_.weights.end(), count, weight);
    }

    void add_word(const PromptChunker::Named& word, double weight) {
        const auto count = static_cast<std::size_t>(word.vectors);
        if (now_.ids.size() + count > Tokenizer::most_tokens) close();
        now_.words.push_back({.place = now_.ids.size() + 1, .word = word.word, .vectors = word.vectors});
        add_ids(count, 0, weight);
    }

    void close_behind_comma() {
        const auto kept = static_cast<std::ptrdiff_t>(*comma_) + 1;
        PromptChunk late;
        late.ids.assign(now_.ids.begin() + kept, now_.ids.end());
        late.weights.assign(now_.weights.begin() + kept, now_.weights.end());
        now_.ids.resize(*comma_ + 1);
        now_.weights.resize(*comma_ + 1);
        const auto moves =
            std::ranges::stable_partition(now_.words, [&](const WordPlace& word) { return word.place <= *comma_ + 1; });
        for (WordPlace word : moves) {
            word.place -= *comma_ + 1;
            late.words.push_back(word);
        }
        now_.words.erase(moves.begin(), moves.end());
        close();
        now_ = std::move(late);
    }

    const PromptChunker& chunker_;
    std::vector<PromptChunk> chunks_;
    /// Without start, end and padding.
    PromptChunk now_;
    /// Where the last comma of this chunk is.
    std::optional<std::size_t> comma_;
};

PromptChunker::PromptChunker(const Tokenizer& tokenizer, const std::vector<LearnedWord>& words)
    : tokenizer_(&tokenizer), comma_(tokenizer.ids(",")) {
    for (const LearnedWord& word : words) {
        Named named{.ids = tokenizer.ids(word.name), .word = word.word, .vectors = word.vectors};
        if (!named.ids.empty()) named_.push_back(std::move(named));
    }
    std::ranges::stable_sort(named_, std::greater(), [](const Named& named) { return named.ids.size(); });
}

std::vector<PromptChunk> PromptChunker::chunks(const std::vector<WeightedText>& texts) const {
    ChunkWriter writer(*this);
    for (const WeightedText& text : texts) {
        if (text.is_break())
            writer.close();
        else
            writer.add(text);
    }
    return writer.finish();
}

PromptChunk PromptChunker::empty() const {
    PromptChunk chunk{.ids = std::vector<int>(Tokenizer::row_length, tokenizer_->padding()),
                      .weights = std::vector<double>(Tokenizer::row_length, 1.0),
                      .words = {}};
    chunk.ids[0] = tokenizer_->start();
    chunk.ids[1] = tokenizer_->end();
    return chunk;
}

const PromptChunker::Named* PromptChunker::word_at(const std::vector<int>& ids, std::size_t at) const {
    const auto found = std::ranges::find_if(named_, [&](const Named& named) {
        return ids.size() - at >= named.ids.size() &&
               std::equal(named.ids.begin(), named.ids.end(), ids.begin() + static_cast<std::ptrdiff_t>(at));
    });
    return found == named_.end() ? nullptr : &*found;
}

PromptChunk plain_chunk(TokenizedPrompt tokens) {
    const auto count = static_cast<std::size_t>(tokens.token_count - tokens.cut_tokens);
    PromptChunk chunk{.ids = std::move(tokens.ids), .weights = {}, .words = {}, .token_count = count};
    chunk.weights.assign(chunk.ids.size(), 1.0);
    return chunk;
}

PromptLength prompt_length(std::string_view prompt, const Tokenizer& tokenizer) {
    constexpr int steps = 20;  // any number of them brings up all texts of usual prompts
    const PromptChunker chunker(tokenizer);
    PromptLength longest{.tokens = 0, .chunks = 1};
    for (const PromptPart& part : prompt_parts(prompt))
        for (const ScheduledText& of_step : prompt_schedule(part.text, steps).texts) {
            PromptLength length{.tokens = 0, .chunks = 0};
            for (const PromptChunk& chunk : chunker.chunks(weighted_texts(of_step.text))) {
                length.tokens += chunk.token_count;
                ++length.chunks;
            }
            if (std::pair(length.chunks, length.tokens) > std::pair(longest.chunks, longest.tokens)) longest = length;
        }
    return longest;
}

}  // namespace easel
