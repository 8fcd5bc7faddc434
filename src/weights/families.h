#pragma once

#include <map>
#include <optional>
#include <string>

#include "weights/safetensors.h"

namespace easel {

/// What a sound safetensors file is that is no Stable Diffusion 1.x checkpoint, with its article ("a LoRA"), or none
/// where nothing speaks against one. Told from names, and from shapes where names do not suffice.
std::optional<std::string> other_kind(const std::map<std::string, TensorView>& tensors);

}  // namespace easel
