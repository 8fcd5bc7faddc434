#pragma once

#include <cstddef>
#include <span>
#include <stop_token>
#include <vector>

#include "runtime/compiled_network.h"
#include "runtime/network_source.h"

namespace easel {

/// Vectors, [n, width], and the place of the first among the tokens.
struct LearnedVectors {
    std::size_t place = 0;
    std::span<const float> values;
};

/// Token ids to embeddings.
class TextEncoder {
  public:
    /// Compiles; throws Cancelled when `stop` is requested meanwhile.
    TextEncoder(Runtime& runtime, const TextEncoderSource& source, const TextEncoderKey& key,
                const std::stop_token& stop = {});

    /// The output of the last layer, or of the one that the key's `clip_skip` names.
    enum class State { last, skipped };

    /// `ids`, as many as the model has positions (77), to [tokens, hidden_size].
    std::vector<float> encode(std::span<const int> ids, State state, const std::stop_token& stop);

    /// The same with vectors in the place of tokens, for a key that takes them.
    std::vector<float> encode(std::span<const int> ids, std::span<const LearnedVectors> learned, State state,
                              const std::stop_token& stop);

    /// The same for two text encoders, `ids_2` being those of the second one's tokenizer.
    std::vector<float> encode(std::span<const int> ids, std::span<const int> ids_2, State state,
                              const std::stop_token& stop);

    /// The same with vectors in the place of tokens.
    std::vector<float> encode(std::span<const int> ids, std::span<const LearnedVectors> learned,
                              std::span<const int> ids_2, std::span<const LearnedVectors> learned_2, State state,
                              const std::stop_token& stop);

    /// The pooled vector of the last text, for a model that pools it; `place` is that of the text's end among its
    /// `tokens`.
    std::vector<float> pooled(std::size_t place, std::size_t tokens);

  private:
    /// Fills the input `kept` of that number, and `learned` behind it.
    void set_learned(std::size_t kept_input, std::span<const LearnedVectors> learned);

    TextEncoderKey key_;
    CompiledNetwork network_;
};

}  // namespace easel
