#pragma once

#include <memory>

#include <openvino/core/model.hpp>

#include "weights/checkpoint.h"

namespace easel {

/// CLIP's text encoder (Radford et al. 2021): input `input_ids` i32 [n, tokens], output `last_hidden_state` f32
/// [n, tokens, hidden_size]. `clip_skip` counts the layer that is used from the last: 1 is the last one; the final
/// layer norm is applied whichever it is. The weights' mapping must outlive whatever is compiled from the model. Throws
/// Error when a weight is missing or has another shape, or when there are fewer layers than `clip_skip`.
std::shared_ptr<ov::Model> build_clip_text(const Weights& weights, const TextEncoderConfig& config, int clip_skip = 1);

}  // namespace easel
