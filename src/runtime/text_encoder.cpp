#include "runtime/text_encoder.h"

#include <algorithm>

namespace easel {

TextEncoder::TextEncoder(Runtime& runtime, const TextEncoderSource& source, const TextEncoderKey& key,
                         const std::stop_token& stop)
    : key_(key), network_(runtime.compile(source.graph(key), source.files, source.precision, stop)) {}

std::vector<float> TextEncoder::encode(std::span<const int> ids, std::span<const LearnedVectors> learned, State state,
                                       const std::stop_token& stop) {
    const std::span<float> kept = network_.input(1), vectors = network_.input(2);
    const std::size_t width = vectors.size() / kept.size();
    std::ranges::fill(kept, 1.0f);
    std::ranges::fill(vectors, 0.0f);
    for (const auto& [place, values] : learned) {
        std::ranges::fill(kept.subspan(place, values.size() / width), 0.0f);
        std::ranges::copy(values, vectors.subspan(place * width, values.size()).begin());
    }
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

std::vector<float> TextEncoder::pooled(std::span<const int> ids_2, int end) {
    const std::span<const float> rows = network_.output(key_.clip_skip > 1 ? 2 : 1);
    const std::size_t width = rows.size() / ids_2.size();
    const auto row = static_cast<std::size_t>(std::ranges::find(ids_2, end) - ids_2.begin());
    const auto values = rows.subspan(std::min(row, ids_2.size() - 1) * width, width);
    return {values.begin(), values.end()};
}

}  // namespace easel
