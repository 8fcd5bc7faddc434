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

}  // namespace easel
