#include "settings/scheduler_choice.h"

#include <filesystem>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "diffusion/sampler.h"
#include "diffusion/sampler_kind.h"
#include "diffusion/scheduler_json.h"
#include "diffusion/scheduler_names.h"
#include "diffusion/scheduler_policy.h"
#include "weights/layouts.h"

namespace easel {
namespace {

/// A single file that only says how it was trained names no sampler.
bool names_a_class(const std::string& scheduler_config) {
    const auto config = nlohmann::json::parse(scheduler_config, nullptr, /*allow_exceptions=*/false);
    return !config.is_object() || config.contains("_class_name");
}

/// The settings for a model and a request that both name no sampler.
ParsedSchedulerConfig usual_scheduler(const ModelFacts& facts) {
    const SamplerKind& kind = sampler_kind(facts.few_steps ? facts.few_steps->sampler : "dpmpp_2m");
    ParsedSchedulerConfig parsed;
    if (facts.scheduler_config)
        parsed = parse_scheduler_config(*facts.scheduler_config, facts.identity.path.string(), &kind);
    else
        parsed.config = standard_scheduler_config(kind);
    // With zero terminal SNR sigma begins at 4096, and Karras' schedule would spend most of its steps up there.
    if (!parsed.config.rescale_betas_zero_snr && !facts.few_steps) parsed.config.sigma_schedule = SigmaSchedule::karras;
    return parsed;
}

/// The model's own scheduler settings, or those that a single file is used with.
ParsedSchedulerConfig scheduler_of(const Request& request, const ModelFacts& facts, const ModelDefaults& defaults) {
    const bool has_own_file = !request.scheduler_config.empty();
    std::optional<NamedSampler> asked;
    if (request.sampler)
        asked = require_sampler(*request.sampler);
    else if (defaults.sampler && !has_own_file)
        asked = require_sampler(*defaults.sampler);
    const SamplerKind* kind = asked ? asked->kind : nullptr;

    ParsedSchedulerConfig parsed;
    if (has_own_file) {
        parsed =
            parse_scheduler_config(read_text_file(request.scheduler_config), request.scheduler_config.string(), kind);
    } else if (facts.scheduler_config && (kind || names_a_class(*facts.scheduler_config))) {
        const std::filesystem::path& path = facts.identity.path;
        const std::string where = std::filesystem::is_directory(path)
                                      ? (path / "scheduler" / "scheduler_config.json").string()
                                      : fmt::format("{} ({} in its metadata)", path.string(), scheduler_config_key);
        parsed = parse_scheduler_config(*facts.scheduler_config, where, kind);
    } else if (kind) {
        parsed.config = standard_scheduler_config(*kind);
    } else {
        parsed = usual_scheduler(facts);
    }
    const bool is_spaced = has_own_file || (facts.scheduler_config && names_a_class(*facts.scheduler_config));
    if (facts.few_steps && !facts.few_steps->timestep_spacing.empty() && !is_spaced)
        parsed.config.timestep_spacing = timestep_spacing_by_name(facts.few_steps->timestep_spacing);
    if (asked && asked->schedule) parsed.config.sigma_schedule = *asked->schedule;
    return parsed;
}

}  // namespace

PredictionType prediction_type_of(const ModelFacts& facts) {
    return scheduler_of({}, facts, {}).config.prediction_type;
}

bool takes_part_of_original_steps(const SchedulerConfig& config, const ModelFacts& facts) {
    return facts.takes_guidance && config.sampler == &sampler_kind("lcm");
}

void complete_scheduler(Settings& settings, const Request& request, const ModelFacts& facts,
                        const ModelDefaults& defaults, const std::string& timestep_spacing) {
    auto [config, notes] = scheduler_of(request, facts, defaults);
    if (!timestep_spacing.empty()) config.timestep_spacing = timestep_spacing_by_name(timestep_spacing);
    if (request.beta_start || request.beta_end || request.beta_schedule) config.trained_betas.clear();
    if (request.beta_start) config.beta_start = *request.beta_start;
    if (request.beta_end) config.beta_end = *request.beta_end;
    if (request.beta_schedule) config.beta_schedule = beta_schedule_by_name(*request.beta_schedule);
    if (request.original_inference_steps) config.original_inference_steps = *request.original_inference_steps;
    if (takes_part_of_original_steps(config, facts) && settings.task != Task::text_to_image)
        config.part_of_original_steps = settings.strength;
    if (request.prediction_type) config.prediction_type = prediction_type_by_name(*request.prediction_type);

    // A model's default schedule belongs to its default sampler.
    const bool own_choice = request.sampler || !request.scheduler_config.empty();
    if (request.schedule)
        config.sigma_schedule = sigma_schedule_by_name(*request.schedule);
    else if (defaults.schedule && !own_choice)
        config.sigma_schedule = sigma_schedule_by_name(*defaults.schedule);
    for (std::string& note : notes) settings.model_notes.push_back(std::move(note));
    for (std::string& change : correct_for_stable_diffusion(config, settings.task == Task::inpaint))
        settings.model_notes.push_back(std::move(change));
    const bool is_published = facts.few_steps && !own_choice && facts.few_steps->sampler == config.sampler->name;
    settings.plan = make_plan(config, settings.num_inference_steps,
                              request.eta || !is_published ? request.eta : facts.few_steps->eta);
    settings.eta = settings.plan.eta;
}

}  // namespace easel
