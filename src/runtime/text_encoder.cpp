#include "runtime/text_encoder.h"

#include <algorithm>

namespace easel {

TextEncoder::TextEncoder(Runtime& runtime, const NetworkSource& source, int clip_skip)
    : clip_skip_(clip_skip), network_(runtime.compile(source.text_encoder(clip_skip), source.files())) {}

std::vector<float> TextEncoder::encode(std::span<const int> ids, State state, std::stop_token stop) {
    std::ranges::copy(ids, network_.integer_input(0).begin());
    const auto embedding = network_.run(stop, state == State::skipped && clip_skip_ > 1 ? 1 : 0);
    return {embedding.begin(), embedding.end()};
}

}  // namespace easel
