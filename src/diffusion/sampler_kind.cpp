#include "diffusion/sampler_kind.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include <fmt/ranges.h>

#include "base/error.h"

namespace easel {

namespace samplers {
extern const SamplerKind ddim, pndm, lms, euler, euler_a, heun, dpmpp_2m, dpmpp_2m_sde, dpmpp_3m_sde, dpmpp_2s,
    dpmpp_sde, deis, ddpm, unipc, lcm, tcd;
}

namespace {

// The order is that of lists which a person reads.
constexpr const SamplerKind* table[] = {
    &samplers::ddim,         &samplers::pndm,     &samplers::lms,       &samplers::euler,
    &samplers::euler_a,      &samplers::heun,     &samplers::dpmpp_2m,  &samplers::dpmpp_2m_sde,
    &samplers::dpmpp_3m_sde, &samplers::dpmpp_2s, &samplers::dpmpp_sde, &samplers::deis,
    &samplers::ddpm,         &samplers::unipc,    &samplers::lcm,       &samplers::tcd,
};

// Lower case without what separates words.
std::string normalized(std::string_view name) {
    std::string letters;
    for (const char c : name) {
        if (c == ' ' || c == '_' || c == '-') continue;
        letters += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return letters;
}

bool remove_ending(std::string& text, std::string_view ending) {
    if (!text.ends_with(ending)) return false;
    text.erase(text.size() - ending.size());
    return true;
}

const SamplerKind* find_normalized(std::string_view name) {
    for (const SamplerKind* kind : table)
        for (const std::string_view own : {kind->name, kind->stored_name, kind->class_name})
            if (normalized(own) == name) return kind;
    return nullptr;
}

// "EulerAncestral" of "EulerAncestralDiscreteScheduler".
std::string_view stem_of(std::string_view class_name) {
    for (const std::string_view ending : {"Scheduler", "Discrete", "Multistep"})
        if (class_name.ends_with(ending)) class_name.remove_suffix(ending.size());
    return class_name;
}

}  // namespace

bool SamplerKind::has_field(std::string_view field) const { return std::ranges::find(fields, field) != fields.end(); }

std::span<const SamplerKind* const> sampler_kinds() { return table; }

std::vector<std::string> sampler_names() {
    std::vector<std::string> names;
    for (const SamplerKind* kind : table) names.emplace_back(kind->name);
    return names;
}

const SamplerKind& sampler_kind(std::string_view name) {
    for (const SamplerKind* kind : table)
        if (kind->name == name) return *kind;
    refuse_value("sampler", fmt::format("{:.60}", name), "use one of {}", fmt::join(sampler_names(), ", "));
}

SchedulerConfig class_defaults(const SamplerKind& kind) {
    SchedulerConfig config{.sampler = &kind};
    if (kind.set_defaults) kind.set_defaults(config);
    return config;
}

std::optional<NamedSampler> sampler_by_any_name(std::string_view name) {
    std::string rest = normalized(name);
    NamedSampler named;
    for (const Choice<SigmaSchedule>& schedule : sigma_schedules())
        if (!named.schedule && remove_ending(rest, schedule.name)) named.schedule = schedule.value;
    // Where ComfyUI draws the noise.
    if (rest.ends_with("sdegpu")) remove_ending(rest, "gpu");
    named.kind = find_normalized(rest);
    if (!named.kind) return std::nullopt;
    if (named.schedule.value_or(SigmaSchedule::discrete) != SigmaSchedule::discrete &&
        !named.kind->has_sigma_schedules())
        return std::nullopt;
    return named;
}

NamedSampler require_sampler(std::string_view name) {
    if (auto named = sampler_by_any_name(name)) return *std::move(named);
    return {.kind = &sampler_kind(name)};
}

std::string stored_name(const SchedulerConfig& config) {
    for (const SamplerKind* kind : table) {
        if (kind->variant_of != config.sampler) continue;
        const SchedulerConfig own = class_defaults(*kind);
        if (own.algorithm_type == config.algorithm_type && own.solver_order == config.solver_order)
            return std::string(kind->stored_name);
    }
    return std::string(config.sampler->stored_name);
}

SamplerOfClass sampler_of_class(std::string_view class_name) {
    for (const SamplerKind* kind : table) {
        if (kind->class_name == class_name) return {.kind = kind, .exact = true};
        if (std::ranges::find(kind->similar_classes, class_name) != kind->similar_classes.end()) return {.kind = kind};
    }
    // Variants carry the name of what they vary in their own: DDIMParallelScheduler.
    const SamplerKind* nearest = &samplers::dpmpp_2m;
    std::size_t longest = 0;
    for (const SamplerKind* kind : table) {
        const std::string_view stem = stem_of(kind->class_name);
        if (stem.size() <= longest || class_name.find(stem) == std::string_view::npos) continue;
        nearest = kind;
        longest = stem.size();
    }
    return {.kind = nearest};
}

}  // namespace easel
