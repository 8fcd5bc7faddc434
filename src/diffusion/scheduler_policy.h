#pragma once

#include <string>
#include <vector>

#include "diffusion/scheduler_config.h"

namespace easel {

/// The settings of Stable Diffusion 1.x for a sampler, for models that have none of their own.
SchedulerConfig standard_scheduler_config(const SamplerKind& sampler);

/// Makes the changes that diffusers' Stable Diffusion pipelines make to the settings they are given, because these
/// models were trained that way: steps_offset becomes 1; clip_sample becomes false, except with a mask; with a mask
/// skip_prk_steps becomes true. Returns a sentence for each change that makes a difference.
std::vector<std::string> correct_for_stable_diffusion(SchedulerConfig& config, bool with_mask);

}  // namespace easel
