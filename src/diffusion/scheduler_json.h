#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "diffusion/scheduler_config.h"

namespace easel {

struct ParsedSchedulerConfig {
    SchedulerConfig config;
    /// Sentences about what the file requests and easel does not do.
    std::vector<std::string> notes;
};

/// Reads diffusers' `scheduler_config.json`. `where` names its origin in errors and notes. `sampler`, if not null,
/// replaces the sampler that `_class_name` names, as diffusers' `from_config` of another class does: settings that both
/// have are kept, the others are ignored. For a class that easel does not have, the nearest sampler is used and a note
/// added; unknown fields are treated by the policy of base/json_keys.h. Throws Error if the text is not such a file,
/// names a class for another kind of model, has values of the wrong type or out of range, or asks for something that
/// changes the picture and is not supported. make_plan() checks the fields against each other.
ParsedSchedulerConfig parse_scheduler_config(std::string_view text, std::string_view where,
                                             const SamplerKind* sampler = nullptr);

}  // namespace easel
