#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "diffusion/scheduler_config.h"

namespace easel {

/// A name in a configuration and its value. If two names have the same value, the first one is written.
template <typename T>
struct Choice {
    std::string_view name;
    T value;
};

/// "linear, scaled_linear": the names of a table.
template <typename T>
std::string names_of(std::span<const Choice<T>> choices) {
    std::vector<std::string_view> names;
    for (const Choice<T>& choice : choices) names.push_back(choice.name);
    return fmt::format("{}", fmt::join(names, ", "));
}

/// The row of that name; null if there is none.
template <typename T>
const Choice<T>* find(std::span<const Choice<T>> choices, std::string_view name) {
    for (const Choice<T>& choice : choices)
        if (choice.name == name) return &choice;
    return nullptr;
}

// The values that the fields of a scheduler_config.json can have. Those of solver_type depend on the sampler:
// SamplerKind::solver_types.
std::span<const Choice<BetaSchedule>> beta_schedules();
std::span<const Choice<PredictionType>> prediction_types();
std::span<const Choice<TimestepSpacing>> timestep_spacings();
std::span<const Choice<FinalSigmas>> final_sigmas_types();
std::span<const Choice<InterpolationType>> interpolation_types();
std::span<const Choice<TimestepType>> timestep_types();
std::span<const Choice<AlgorithmType>> algorithm_types();
std::span<const Choice<VarianceType>> variance_types();

/// The schedules of sigmas that a person can ask for: "discrete", "karras", "exponential", "beta".
std::span<const Choice<SigmaSchedule>> sigma_schedules();

/// As a configuration writes them: "linear", "trailing", "v_prediction", "dpmsolver++", ...
std::string_view name(BetaSchedule beta_schedule);
std::string_view name(TimestepSpacing timestep_spacing);
std::string_view name(PredictionType prediction_type);
std::string_view name(AlgorithmType algorithm_type);
std::string_view name(SigmaSchedule sigma_schedule);

/// "linear", "scaled_linear", "squaredcos_cap_v2"; throws Error of kind bad_request on any other name.
BetaSchedule beta_schedule_by_name(std::string_view name);

/// "leading", "trailing" or "linspace"; throws Error of kind bad_request on any other name.
TimestepSpacing timestep_spacing_by_name(std::string_view name);

/// "epsilon", "v_prediction" or "sample"; throws Error of kind bad_request on any other name.
PredictionType prediction_type_by_name(std::string_view name);

/// One of sigma_schedules(); throws Error of kind bad_request on any other name.
SigmaSchedule sigma_schedule_by_name(std::string_view name);

}  // namespace easel
