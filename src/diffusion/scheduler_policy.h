#pragma once

#include <string>
#include <vector>

#include "diffusion/scheduler_config.h"

namespace easel {

/// The settings of Stable Diffusion 1.x for a sampler, for models that come without any.
SchedulerConfig standard_scheduler_config(const SamplerKind& sampler);

/// Changes what diffusers' Stable Diffusion pipelines change in the settings they are given, since these models were
/// trained so: steps_offset becomes 1; clip_sample false, but not where a mask is used; with a mask skip_prk_steps
/// becomes true. Returns a sentence for each change that makes a difference.
std::vector<std::string> correct_for_stable_diffusion(SchedulerConfig& config, bool with_mask);

}  // namespace easel
