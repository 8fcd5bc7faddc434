#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "diffusion/scheduler_config.h"

namespace easel {

struct ParsedSchedulerConfig {
    SchedulerConfig config;
    /// Sentences on what the file asks for and does not get.
    std::vector<std::string> notes;
};

/// Reads diffusers' `scheduler_config.json`. `where` names its origin in errors and notes. `sampler`, when not null,
/// takes the place of the sampler that `_class_name` stands for, as diffusers' `from_config` of another class does:
/// settings that it shares are kept, the others are left aside. A class that easel does not have is drawn with the
/// nearest sampler and noted, and so are unknown fields, by the policy of base/json_keys.h.
/// Throws Error on what is no such file, on a class of another kind of model, on values of the wrong type or out of
/// range, and on those that change the picture and cannot be honoured. What fields say together, make_plan() checks.
ParsedSchedulerConfig parse_scheduler_config(std::string_view text, std::string_view where,
                                             const SamplerKind* sampler = nullptr);

}  // namespace easel
