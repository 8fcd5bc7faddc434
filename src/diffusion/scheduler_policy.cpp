#include "diffusion/scheduler_policy.h"

#include <fmt/format.h>

#include "diffusion/sampler_kind.h"

namespace easel {

SchedulerConfig standard_scheduler_config(const SamplerKind& sampler) {
    SchedulerConfig config = class_defaults(sampler);
    config.beta_start = 0.00085;
    config.beta_end = 0.012;
    config.beta_schedule = BetaSchedule::scaled_linear;
    config.steps_offset = 1;
    config.set_alpha_to_one = false;
    config.clip_sample = false;
    config.skip_prk_steps = true;
    return config;
}

std::vector<std::string> correct_for_stable_diffusion(SchedulerConfig& config, bool with_mask) {
    const SamplerKind& kind = *config.sampler;
    std::vector<std::string> changes;
    if (config.steps_offset != 1) {
        if (config.timestep_spacing == TimestepSpacing::leading && kind.uses_steps_offset)
            changes.push_back(
                fmt::format("steps_offset is set to 1, not {}, as Stable Diffusion requires", config.steps_offset));
        config.steps_offset = 1;
    }
    if (config.clip_sample && !with_mask) {
        changes.emplace_back("clip_sample is set to false because Stable Diffusion's latents have no bounds");
        config.clip_sample = false;
    }
    if (kind.has_field("skip_prk_steps") && !config.skip_prk_steps && with_mask) {
        changes.emplace_back("skip_prk_steps is set to true, as masks require");
        config.skip_prk_steps = true;
    }
    return changes;
}

}  // namespace easel
