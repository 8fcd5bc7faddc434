#pragma once

#include <cstddef>
#include <memory>

#include <openvino/core/model.hpp>

namespace easel {

/// The greatest number of queries of an attention in `model`; 0 if there is none. The shapes must be fixed.
std::size_t longest_attention(const ov::Model& model);

/// Splits the queries of each attention with more than `most_scores` scores (rows x heads x queries x keys) into parts
/// with fewer, so that scores that are stored need memory for one part at a time. Each query still sees all keys: no
/// number changes. The shapes of `model` must be fixed. Returns the number of attentions that were split.
int split_attention(const std::shared_ptr<ov::Model>& model, std::size_t most_scores);

}  // namespace easel
