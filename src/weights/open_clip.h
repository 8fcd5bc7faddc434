#pragma once

#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "weights/inferred_configs.h"
#include "weights/weights.h"

/// Text encoders as OpenCLIP stores them (Ilharco et al. 2021): in single files of Stable Diffusion 2.x and XL.
namespace easel {

/// The same tensors under transformers' names: queries, keys and values, which lie stacked in one tensor, become three
/// views of it. Throws Error naming `where` if one cannot be divided in three.
NamedTensors from_open_clip(const NamedTensors& tensors, std::string_view where);

/// The reverse: the weights of an encoder under OpenCLIP's names, queries, keys and values stacked, the projection
/// transposed, as it is applied from the right there. Throws Error of
/// kind `unsupported` if these are of different types.
std::vector<Weight> to_open_clip(const Weights& weights);

/// Adds to such weights a copy of the last layer, in the place of the one that drop_last_layer() removes: readers count
/// from the end.
void repeat_last_layer(std::vector<Weight>& weights);

/// Removes the last of the encoder's layers, under transformers' names.
void drop_last_layer(NamedTensors& tensors);

/// As inferred_text_encoder_config(), for what from_open_clip() gives.
nlohmann::json inferred_open_clip_config(const NamedTensors& tensors, std::string_view where);

}  // namespace easel
