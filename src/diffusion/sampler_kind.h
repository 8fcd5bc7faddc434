#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <easel/easel.h>  // sampler_names()

#include "diffusion/plan.h"
#include "diffusion/scheduler_config.h"
#include "diffusion/scheduler_names.h"

namespace easel {

class Sampler;

/// A sampler as a row of the table of samplers. Each sampler's file defines its row; the address is the sampler's
/// identity.
struct SamplerKind {
    /// easel's name: "dpmpp_2m".
    std::string_view name;
    /// diffusers' name: "DPMSolverMultistepScheduler". Samplers that are settings of one class share it.
    std::string_view class_name;
    /// The name in the settings that programs store in pictures: "DPM++ 2M".
    std::string_view stored_name;

    /// The fields of scheduler_config.json that diffusers' class has in addition to those that all have.
    std::span<const std::string_view> fields;
    /// The values of solver_type, if the class has that field.
    std::span<const Choice<SolverType>> solver_types = {};
    /// Classes of diffusers that easel does not have, and that this sampler replaces.
    std::span<const std::string_view> similar_classes = {};
    /// The sampler of the same class of which this one is a setting; may be null.
    const SamplerKind* variant_of = nullptr;

    /// How many steps a step counts for in prompts that change: the web UI counts predictions.
    int calls_per_step = 1;
    /// Whether the network may predict the clean sample.
    bool takes_sample_predictions = false;
    /// What `eta` is where none is asked for; empty where it makes no difference.
    std::optional<double> default_eta;
    /// Whether steps_offset makes a difference, in leading spacing.
    bool uses_steps_offset = true;
    /// What AUTOMATIC1111's web UI means by the schedule type "Automatic".
    SigmaSchedule automatic_schedule = SigmaSchedule::discrete;

    /// Sets the fields whose default in diffusers' class is not SchedulerConfig's; may be null.
    void (*set_defaults)(SchedulerConfig& config) = nullptr;
    /// Throws Error when fields of this sampler contradict each other; may be null.
    void (*check)(const SchedulerConfig& config) = nullptr;
    /// The timesteps and noise levels. Throws Error when the steps cannot be taken.
    SamplingPlan (*plan)(const SchedulerConfig& config, int steps) = nullptr;
    std::unique_ptr<Sampler> (*make)(SamplingPlan plan) = nullptr;

    bool has_field(std::string_view field) const;
    /// Whether its sigmas may follow a schedule other than the discrete one.
    bool has_sigma_schedules() const { return has_field("use_karras_sigmas"); }
};

/// All samplers.
std::span<const SamplerKind* const> sampler_kinds();

/// The sampler that easel calls so. Throws Error of kind bad_request, listing the names, if there is none.
const SamplerKind& sampler_kind(std::string_view name);

/// The defaults of diffusers' class.
SchedulerConfig class_defaults(const SamplerKind& kind);

/// What a sampler's name says: "DPM++ 2M SDE Karras".
struct NamedSampler {
    const SamplerKind* kind = nullptr;
    /// Set where the name ends in "Karras", "Exponential", "Beta" or "discrete".
    std::optional<SigmaSchedule> schedule;
};

/// Finds a sampler by easel's name, by the name that programs store in pictures (AUTOMATIC1111's web UI and
/// stable-diffusion.cpp), by ComfyUI's ("dpmpp_2m_sde_gpu"), or by diffusers' class. Upper case, spaces, "_" and "-"
/// make no difference. Empty if there is none, or if the sampler has no such schedule.
std::optional<NamedSampler> sampler_by_any_name(std::string_view name);

/// The same, but throws Error of kind bad_request, listing easel's names, if there is none.
NamedSampler require_sampler(std::string_view name);

/// The name to store in pictures, "DPM++ 2M SDE" where that sampler gives the same. The schedule is stored beside it.
std::string stored_name(const SchedulerConfig& config);

/// The sampler for a class of diffusers.
struct SamplerOfClass {
    const SamplerKind* kind = nullptr;
    /// Whether it is exactly that class, not the nearest one.
    bool exact = false;
};

/// Finds the sampler for a class of diffusers of any version; dpmpp_2m if no sampler is similar.
SamplerOfClass sampler_of_class(std::string_view class_name);

}  // namespace easel
