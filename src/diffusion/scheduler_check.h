#pragma once

#include "diffusion/scheduler_config.h"

namespace easel {

/// Throws Error when the settings contradict each other or cannot be computed with. make_plan() calls it, so that a
/// configuration is checked once, after everything that changes it.
void check(const SchedulerConfig& config);

}  // namespace easel
