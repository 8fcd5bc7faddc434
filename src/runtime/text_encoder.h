#pragma once

#include <span>
#include <stop_token>
#include <vector>

#include "runtime/compiled_network.h"
#include "runtime/network_source.h"

namespace easel {

/// Token ids to embeddings.
class TextEncoder {
  public:
    /// `clip_skip` is the layer of State::skipped, counted from the last, which is 1.
    TextEncoder(Runtime& runtime, const NetworkSource& source, int clip_skip);

    /// What the last layer says, or the one that `clip_skip` names.
    enum class State { last, skipped };

    /// `ids`, as many as the model has positions (77), to [tokens, hidden_size].
    std::vector<float> encode(std::span<const int> ids, State state, std::stop_token stop);

    int clip_skip() const { return clip_skip_; }

  private:
    int clip_skip_;
    CompiledNetwork network_;
};

}  // namespace easel
