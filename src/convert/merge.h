#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include <easel/easel.h>

#include "weights/checkpoint.h"

namespace easel {

/// The same checkpoint with LoRAs merged into its weights, in their order, as drawing with them merges: in f32, rounded
/// to the type that a weight has. Weights that none changes stay mapped. `note` is called for each LoRA with how much
/// of it the model takes. Throws Error as open_lora() does, and Cancelled between two tensors when `stop` is requested.
Checkpoint merged_with(const std::vector<Lora>& loras, const Checkpoint& checkpoint,
                       const std::function<void(const std::string&)>& note, const std::stop_token& stop);

}  // namespace easel
