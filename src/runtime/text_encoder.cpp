#include "runtime/text_encoder.h"

#include <algorithm>

namespace easel {

TextEncoder::TextEncoder(Runtime& runtime, const TextEncoderSource& source, const TextEncoderKey& key,
                         const std::stop_token& stop)
    : key_(key), network_(runtime.compile(source.graph(key), source.files, source.precision, stop)) {}

std::vector<float> TextEncoder::encode(std::span<const int> ids, State state, const std::stop_token& stop) {
    std::ranges::copy(ids, network_.integer_input(0).begin());
    const auto embedding = network_.run(stop, state == State::skipped && key_.clip_skip > 1 ? 1 : 0);
    return {embedding.begin(), embedding.end()};
}

}  // namespace easel
