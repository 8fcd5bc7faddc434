#include "runtime/text_encoder.h"

#include <algorithm>

namespace easel {

TextEncoder::TextEncoder(Runtime& runtime, const TextEncoderSource& source, const TextEncoderKey& key,
                         const std::stop_token& stop)
    : key_(key), network_(runtime.compile(source.graph(key), source.files, source.precision, stop)) {}

void TextEncoder::set_learned(std::size_t kept_input, std::span<const LearnedVectors> learned) {
    const std::span<float> kept = network_.input(kept_input), vectors = network_.input(kept_input + 1);
    const std::size_t width = vectors.size() / kept.size();
    std::ranges::fill(kept, 1.0f);
    std::ranges::fill(vectors, 0.0f);
    for (const auto& [place, values] : learned) {
        std::ranges::fill(kept.subspan(place, values.size() / width), 0.0f);
        std::ranges::copy(values, vectors.subspan(place * width, values.size()).begin());
    }
}

std::vector<float> TextEncoder::encode(std::span<const int> ids, std::span<const LearnedVectors> learned, State state,
                                       const std::stop_token& stop) {
    set_learned(1, learned);
    return encode(ids, state, stop);
}

std::vector<float> TextEncoder::encode(std::span<const int> ids, State state, const std::stop_token& stop) {
    std::ranges::copy(ids, network_.integer_input(0).begin());
    const auto embedding = network_.run(stop, state == State::skipped && key_.clip_skip > 1 ? 1 : 0);
    return {embedding.begin(), embedding.end()};
}

std::vector<float> TextEncoder::encode(std::span<const int> ids, std::span<const int> ids_2, State state,
                                       const std::stop_token& stop) {
    std::ranges::copy(ids_2, network_.integer_input(1).begin());
    return encode(ids, state, stop);
}

std::vector<float> TextEncoder::encode(std::span<const int> ids, std::span<const LearnedVectors> learned,
                                       std::span<const int> ids_2, std::span<const LearnedVectors> learned_2,
                                       State state, const std::stop_token& stop) {
    set_learned(2, learned);
    set_learned(4, learned_2);
    return encode(ids, ids_2, state, stop);
}

std::vector<float> TextEncoder::pooled(std::size_t place, std::size_t tokens) {
    const std::span<const float> rows = network_.output(key_.clip_skip > 1 ? 2 : 1);
    const std::size_t width = rows.size() / tokens;
    const auto values = rows.subspan(place * width, width);
    return {values.begin(), values.end()};
}

}  // namespace easel
