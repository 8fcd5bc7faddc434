#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "weights/family.h"

namespace easel {

/// What a model that was distilled to few steps is drawn with, unless the request or the model's easel.json says
/// otherwise.
struct FewSteps {
    /// In words, with the article: "a Turbo model".
    std::string what;
    int steps = 1;
    /// 1: without guidance.
    double guidance_scale = 1.0;
    /// Where the model's files name no sampler: it and how its timesteps are spaced, as a scheduler_config.json has it
    /// (empty: as the sampler does).
    std::string sampler, timestep_spacing;
    /// Of that sampler; empty: as the sampler does.
    std::optional<double> eta;
};

/// Whether a model was distilled so: from the class of its scheduler (`LCMScheduler`), a UNet that takes the guidance
/// scale itself, or a word of its name (Turbo, LCM, TCD, Lightning, Hyper), which may state the steps too ("4step").
/// The tensors are those of the family. `scheduler_config` is the text of a scheduler_config.json.
std::optional<FewSteps> few_steps_of(std::string_view name, Family family,
                                     const std::optional<std::string>& scheduler_config, bool takes_guidance);

}  // namespace easel
