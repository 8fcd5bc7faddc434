#include "runtime/text_encoder.h"

#include <algorithm>

#include "networks/clip_text.h"

namespace easel {
namespace {

std::shared_ptr<ov::Model> one_prompt(const Checkpoint& checkpoint, int clip_skip) {
    const auto& [config, weights] = checkpoint.text_encoder;
    auto model = build_clip_text(weights, config, clip_skip == 1 ? std::vector{1} : std::vector{1, clip_skip});
    model->reshape(ov::PartialShape{1, config.max_position_embeddings});
    return model;
}

}  // namespace

TextEncoder::TextEncoder(Runtime& runtime, const Checkpoint& checkpoint, int clip_skip)
    : clip_skip_(clip_skip), network_(runtime.compile(one_prompt(checkpoint, clip_skip), checkpoint)) {}

std::vector<float> TextEncoder::encode(std::span<const int> ids, State state, std::stop_token stop) {
    std::ranges::copy(ids, network_.integer_input(0).begin());
    const auto embedding = network_.run(stop, state == State::skipped && clip_skip_ > 1 ? 1 : 0);
    return {embedding.begin(), embedding.end()};
}

}  // namespace easel
