#pragma once

#include <map>
#include <string>
#include <vector>

#include "adapters/lora_kind.h"
#include "weights/family.h"
#include "weights/safetensors.h"

namespace easel {

/// The layers of a file of adapters, by its own names for them.
using LoraGroups = std::map<std::string, LoraParts>;

LoraGroups grouped(const std::map<std::string, TensorView>& tensors);

/// The families of models that it can be for: by what it says of itself, by layers that only some have, and by the
/// width of the text that the UNet attends to. Empty if nothing tells.
std::vector<Family> families_of(const LoraGroups& groups, const std::map<std::string, std::string>& metadata);

/// These families, for a person: "Stable Diffusion 1.x or Stable Diffusion 2.x".
std::string names_of(const std::vector<Family>& families);

}  // namespace easel
