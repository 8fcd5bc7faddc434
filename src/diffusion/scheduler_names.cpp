#include "diffusion/scheduler_names.h"

#include "base/error.h"

namespace easel {
namespace {

constexpr Choice<BetaSchedule> beta_schedule_names[] = {{"linear", BetaSchedule::linear},
                                                        {"scaled_linear", BetaSchedule::scaled_linear},
                                                        {"squaredcos_cap_v2", BetaSchedule::squaredcos_cap_v2}};
constexpr Choice<SigmaSchedule> sigma_schedule_names[] = {{"discrete", SigmaSchedule::discrete},
                                                          {"karras", SigmaSchedule::karras},
                                                          {"exponential", SigmaSchedule::exponential},
                                                          {"beta", SigmaSchedule::beta}};
constexpr Choice<PredictionType> prediction_type_names[] = {{"epsilon", PredictionType::epsilon},
                                                            {"v_prediction", PredictionType::v_prediction},
                                                            {"sample", PredictionType::sample}};
constexpr Choice<TimestepSpacing> timestep_spacing_names[] = {{"leading", TimestepSpacing::leading},
                                                              {"trailing", TimestepSpacing::trailing},
                                                              {"linspace", TimestepSpacing::linspace}};
constexpr Choice<FinalSigmas> final_sigmas_type_names[] = {{"zero", FinalSigmas::zero},
                                                           {"sigma_min", FinalSigmas::sigma_min}};
constexpr Choice<InterpolationType> interpolation_type_names[] = {{"linear", InterpolationType::linear},
                                                                  {"log_linear", InterpolationType::log_linear}};
constexpr Choice<TimestepType> timestep_type_names[] = {{"discrete", TimestepType::discrete},
                                                        {"continuous", TimestepType::continuous}};
constexpr Choice<AlgorithmType> algorithm_type_names[] = {{"dpmsolver++", AlgorithmType::dpmsolver_pp},
                                                          {"sde-dpmsolver++", AlgorithmType::sde_dpmsolver_pp},
                                                          {"dpmsolver", AlgorithmType::dpmsolver},
                                                          {"sde-dpmsolver", AlgorithmType::sde_dpmsolver},
                                                          {"deis", AlgorithmType::dpmsolver_pp}};
// The log of the small variance is a detour to the same number.
constexpr Choice<VarianceType> variance_type_names[] = {{"fixed_small", VarianceType::fixed_small},
                                                        {"fixed_small_log", VarianceType::fixed_small},
                                                        {"fixed_large", VarianceType::fixed_large}};

template <typename T>
std::string_view name_of(std::span<const Choice<T>> choices, T value) {
    for (const Choice<T>& choice : choices)
        if (choice.value == value) return choice.name;
    return "";
}

template <typename T>
T value_of(std::string_view field, std::span<const Choice<T>> choices, std::string_view name) {
    if (const Choice<T>* choice = find(choices, name)) return choice->value;
    refuse_value(field, fmt::format("{:.60}", name), "use one of {}", names_of(choices));
}

}  // namespace

std::span<const Choice<BetaSchedule>> beta_schedules() { return beta_schedule_names; }
std::span<const Choice<PredictionType>> prediction_types() { return prediction_type_names; }
std::span<const Choice<TimestepSpacing>> timestep_spacings() { return timestep_spacing_names; }
std::span<const Choice<FinalSigmas>> final_sigmas_types() { return final_sigmas_type_names; }
std::span<const Choice<InterpolationType>> interpolation_types() { return interpolation_type_names; }
std::span<const Choice<TimestepType>> timestep_types() { return timestep_type_names; }
std::span<const Choice<AlgorithmType>> algorithm_types() { return algorithm_type_names; }
std::span<const Choice<VarianceType>> variance_types() { return variance_type_names; }
std::span<const Choice<SigmaSchedule>> sigma_schedules() { return sigma_schedule_names; }

std::string_view name(BetaSchedule beta_schedule) { return name_of(beta_schedules(), beta_schedule); }
std::string_view name(TimestepSpacing timestep_spacing) { return name_of(timestep_spacings(), timestep_spacing); }
std::string_view name(PredictionType prediction_type) { return name_of(prediction_types(), prediction_type); }
std::string_view name(AlgorithmType algorithm_type) { return name_of(algorithm_types(), algorithm_type); }
std::string_view name(SigmaSchedule sigma_schedule) { return name_of(sigma_schedules(), sigma_schedule); }

BetaSchedule beta_schedule_by_name(std::string_view name) { return value_of("beta_schedule", beta_schedules(), name); }

PredictionType prediction_type_by_name(std::string_view name) {
    return value_of("prediction_type", prediction_types(), name);
}

TimestepSpacing timestep_spacing_by_name(std::string_view name) {
    return value_of("timestep_spacing", timestep_spacings(), name);
}

SigmaSchedule sigma_schedule_by_name(std::string_view name) { return value_of("schedule", sigma_schedules(), name); }

}  // namespace easel
