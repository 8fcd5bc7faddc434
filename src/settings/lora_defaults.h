#pragma once

#include <optional>
#include <string>
#include <vector>

#include <easel/easel.h>

#include "weights/few_steps.h"

namespace easel {

/// What is drawn with because of a LoRA.
struct LoraDefaults {
    FewSteps few_steps;
    /// The LoRA's file name.
    std::string lora;
};

/// Those of the first LoRA that counts and that distills to few steps (LCM, TCD, Turbo, Lightning, Hyper), as its name
/// or the titles in its metadata say.
std::optional<LoraDefaults> defaults_of(const std::vector<Lora>& loras, Family family);

}  // namespace easel
