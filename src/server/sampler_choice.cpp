#include "server/sampler_choice.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/quoted.h"
#include "diffusion/sampler_kind.h"
#include "server/refusal.h"

namespace easel::server {
namespace {

/// What the web UI calls the schedules that easel has; null of `schedule` is what it finds right for a sampler.
struct KnownScheduler {
    std::string_view name, label;
    const char* schedule = nullptr;
    bool listed = true;
};
constexpr KnownScheduler known_schedulers[] = {{"automatic", "Automatic"},
                                               {"karras", "Karras", "karras"},
                                               {"exponential", "Exponential", "exponential"},
                                               {"beta", "Beta", "beta"},
                                               {"normal", "Normal", "discrete"},
                                               {"uniform", "Uniform", "discrete", false},
                                               {"discrete", "Discrete", "discrete", false}};

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return result;
}

const KnownScheduler* find_scheduler(std::string_view name) {
    for (const KnownScheduler& scheduler : known_schedulers)
        if (lower(name) == scheduler.name) return &scheduler;
    return nullptr;
}

std::string_view label_of(SigmaSchedule schedule) {
    return std::ranges::find_if(
               known_schedulers,
               [&](const KnownScheduler& known) { return known.schedule && name(schedule) == known.schedule; })
        ->label;
}

const KnownScheduler& scheduler_called(std::string_view name) {
    if (name.empty()) return known_schedulers[0];
    if (const KnownScheduler* found = find_scheduler(name)) return *found;
    std::vector<std::string_view> labels;
    for (const ListedScheduler& scheduler : listed_schedulers()) labels.push_back(scheduler.label);
    throw Refusal(
        400,
        fmt::format("`scheduler`: there is none called {}; use one of {}", in_quotes(name), fmt::join(labels, ", ")),
        "scheduler");
}

std::optional<NamedSampler> find_sampler(std::string_view name) {
    if (auto named = sampler_by_any_name(name)) return named;
    if (lower(name).starts_with("k_")) return sampler_by_any_name(name.substr(2));
    return std::nullopt;
}

NamedSampler sampler_called(std::string_view name, std::string_view field) {
    if (auto named = find_sampler(name)) return *named;
    std::vector<std::string> names;
    for (ListedSampler& sampler : listed_samplers()) names.push_back(std::move(sampler.name));
    throw Refusal(
        400, fmt::format("`{}`: there is no sampler {}; use one of {}", field, in_quotes(name), fmt::join(names, ", ")),
        std::string(field));
}

/// Cuts a schedule off the end of a sampler's name; an empty one where there is none.
std::string_view split_off_scheduler(std::string_view& sampler) {
    const std::size_t space = sampler.rfind(' ');
    if (space == std::string_view::npos) return {};
    const std::string_view last = sampler.substr(space + 1);
    if (!find_scheduler(last) || !find_sampler(sampler.substr(0, space))) return {};
    sampler = sampler.substr(0, space);
    return last;
}

}  // namespace

std::vector<ListedSampler> listed_samplers() {
    std::vector<ListedSampler> list;
    for (const SamplerKind* kind : sampler_kinds()) {
        const std::string own(kind->name), stored(kind->stored_name);
        list.push_back({stored, {"k_" + own, own}});
    }
    return list;
}

std::vector<ListedScheduler> listed_schedulers() {
    std::vector<ListedScheduler> list;
    for (const KnownScheduler& scheduler : known_schedulers)
        if (scheduler.listed) list.push_back({scheduler.name, scheduler.label});
    return list;
}

std::string_view automatic_scheduler(std::string_view sampler) {
    const auto named = sampler_by_any_name(sampler);
    return label_of(named ? named->kind->automatic_schedule : SigmaSchedule::discrete);
}

void choose_sampler(Request& request, std::string_view sampler, std::string_view scheduler,
                    std::string_view sampler_field) {
    const std::string_view in_name = split_off_scheduler(sampler);
    const KnownScheduler* schedule = &scheduler_called(scheduler);
    if (!schedule->schedule && !in_name.empty()) schedule = find_scheduler(in_name);
    if (schedule->schedule) request.schedule = schedule->schedule;
    if (sampler.empty() || lower(sampler) == "automatic") return;

    const NamedSampler named = sampler_called(sampler, sampler_field);
    request.sampler = named.kind->name;
    if (!schedule->schedule) request.schedule = name(named.kind->automatic_schedule);
}

void drop_schedule_of_no_use(Request& request, const std::string& models_sampler) {
    const std::string sampler = request.sampler.value_or(models_sampler);
    if (sampler == "ddim" || sampler == "pndm") request.schedule.reset();
}

}  // namespace easel::server
