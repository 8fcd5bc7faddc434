#pragma once

#include <cstddef>
#include <memory>

#include <openvino/core/model.hpp>

namespace easel {

/// The most queries that an attention in `model` has; 0 where there is none. The shapes must be fixed.
std::size_t longest_attention(const ov::Model& model);

/// Splits the queries of each attention whose scores (rows x heads x queries x keys) are more than `most_scores` into
/// parts that have fewer, so that scores which are written out need memory for one part at a time. Each query looks at
/// all keys as before: no number changes. The shapes of `model` must be fixed. Returns how many were split.
int split_attention(const std::shared_ptr<ov::Model>& model, std::size_t most_scores);

}  // namespace easel
