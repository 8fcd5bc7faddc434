#pragma once

#include "diffusion/scheduler_config.h"

namespace easel {

/// Throws Error if the settings contradict each other or cannot be used in a computation. make_plan() calls it, so that
/// a configuration is checked once, after everything that changes it.
void check(const SchedulerConfig& config);

}  // namespace easel
