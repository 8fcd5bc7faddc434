#pragma once

#include <map>
#include <string>

#include "adapters/lora_kind.h"
#include "weights/safetensors.h"

namespace easel {

/// The layers of a file of adapters, by its own names for them.
using LoraGroups = std::map<std::string, LoraParts>;

LoraGroups grouped(const std::map<std::string, TensorView>& tensors);

/// Whether it says so, or has layers of a second text encoder.
bool is_for_sdxl(const LoraGroups& groups, const std::map<std::string, std::string>& metadata);

}  // namespace easel
