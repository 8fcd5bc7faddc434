#include "settings/parameters.h"

#include <filesystem>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "diffusion/sampler_kind.h"
#include "diffusion/scheduler_names.h"
#include "diffusion/scheduler_policy.h"
#include "settings/control_list.h"
#include "settings/ip_adapter_list.h"
#include "settings/latent_upscaler.h"
#include "settings/lora_list.h"
#include "settings/lora_tags.h"
#include "settings/prompt_quotes.h"
#include "settings/table.h"

namespace easel {
namespace {

/// As the web UI calls them.
std::string_view stored_name(Emphasis emphasis) {
    switch (emphasis) {
        case Emphasis::original:
            return "Original";
        case Emphasis::no_norm:
            return "No norm";
        case Emphasis::ignore:
            return "Ignore";
    }
    return "";
}

/// "bad_hands: 5a04d9b1c26e", as the web UI writes it.
std::string hashes_of(const std::vector<NamedHash>& files) {
    constexpr std::size_t digits = 12;
    std::vector<std::string> entries;
    for (const NamedHash& file : files)
        if (!file.hash.empty()) entries.push_back(fmt::format("{}: {}", file.name, file.hash.substr(0, digits)));
    return fmt::format("{}", fmt::join(entries, ", "));
}

}  // namespace

std::string_view schedule_type(SigmaSchedule schedule) {
    switch (schedule) {
        case SigmaSchedule::discrete:
            return "Normal";
        case SigmaSchedule::karras:
            return "Karras";
        case SigmaSchedule::exponential:
            return "Exponential";
        case SigmaSchedule::lu:
            return "Lu";
        case SigmaSchedule::beta:
            return "Beta";
    }
    return "";
}

std::string stored_upscaler(const std::string& upscaler) {
    if (const LatentUpscaler* latent = latent_upscaler(upscaler)) return std::string(latent->web_ui_name);
    if (is_lanczos(upscaler)) return std::string(lanczos_web_ui_name);
    const std::filesystem::path path = upscaler;
    return path.is_absolute() ? path.stem().string() : upscaler;
}

namespace {

std::string_view key(std::string_view field) { return setting(field).stored_key; }

/// As the web UI quotes: a value that could be taken for several is written as a JSON string.
std::string quoted(const std::string& value) {
    return value.find_first_of(",:\n\"") == std::string::npos ? value : nlohmann::json(value).dump();
}

}  // namespace

std::string parameters_text(const Settings& settings, const std::string& model_name, const std::string& precision) {
    const SchedulerConfig& scheduler = settings.plan.config;
    const SchedulerConfig standard = standard_scheduler_config(*scheduler.sampler);

    std::vector<std::string> entries;
    const auto entry = [&](std::string_view key, const auto& value) {
        entries.push_back(fmt::format("{}: {}", key, value));
    };
    entry(key("num_inference_steps"), settings.num_inference_steps);
    entry("Sampler", stored_name(scheduler));
    entry("Schedule type", schedule_type(scheduler.sigma_schedule));
    entry(key("guidance_scale"), settings.guidance_scale);
    entry(key("seed"), settings.seed);
    entry("Size", fmt::format("{}x{}", settings.size.width, settings.size.height));
    if (settings.result_size != settings.size)
        entry("Result size", fmt::format("{}x{}", settings.result_size.width, settings.result_size.height));
    entry("Model", quoted(model_name));
    if (!settings.vae.empty()) entry("VAE", quoted(settings.vae));
    entry("RNG", settings.rng == Rng::torch ? "CPU" : "NumPy");
    if (settings.image_guidance_scale)
        entry(key("image_guidance_scale"), *settings.image_guidance_scale);
    else if (settings.task != Task::text_to_image)
        entry(key("strength"), settings.strength);
    if (settings.task == Task::inpaint && settings.mask_blur > 0) entry(key("mask_blur"), settings.mask_blur);
    if (settings.task == Task::inpaint && settings.masked_content != MaskedContent::original)
        entry(key("masked_content"), name(settings.masked_content));
    if (settings.task == Task::inpaint && !settings.composite) entry("Composite", "off");
    if (settings.guidance_rescale > 0) entry(key("guidance_rescale"), settings.guidance_rescale);
    if (settings.guidance_start > 0) entry(key("guidance_start"), settings.guidance_start);
    if (settings.guidance_end < 1) entry(key("guidance_end"), settings.guidance_end);
    // What a preset is made of stands beside it, for it may be made of something else one day.
    const bool has_preset = settings.preset != Preset::exact;
    if (has_preset) entry(key("preset"), name(settings.preset));
    if (has_preset || settings.step_cache > 0) entry(key("step_cache"), settings.step_cache);
    if (scheduler.original_inference_steps != standard.original_inference_steps)
        entry(key("original_inference_steps"), scheduler.original_inference_steps);
    if (settings.eta > 0 || scheduler.sampler->default_eta.value_or(0.0) > 0) entry(key("eta"), settings.eta);
    if (settings.clip_skip > 1) entry(key("clip_skip"), settings.clip_skip);
    if (!settings.prompt_2.empty()) entry(key("prompt_2"), quoted(settings.prompt_2));
    if (!settings.negative_prompt_2.empty()) entry(key("negative_prompt_2"), quoted(settings.negative_prompt_2));
    if (!settings.size_ids.cond.empty() && settings.guided() && settings.negative_prompt.empty())
        entry(key("empty_negative"), settings.zero_negative ? "zeros" : "encoded");
    for (const auto& [field, value] : settings.told_sizes) entry(key(field), quoted(value));
    if (settings.prompt_syntax == PromptSyntax::webui) {
        entry(key("prompt_syntax"), name(*settings.prompt_syntax));
        if (settings.emphasis != Emphasis::original) entry(key("emphasis"), stored_name(settings.emphasis));
        if (settings.negative_padding == NegativePadding::empty_chunks) entry(padded_key, "True");
        if (settings.step_rule != StepRule::webui) entry(key("step_rule"), name(settings.step_rule));
    }
    if (scheduler.timestep_spacing != standard.timestep_spacing)
        entry("Timestep spacing", name(scheduler.timestep_spacing));
    if (scheduler.prediction_type != standard.prediction_type)
        entry("Prediction type", name(scheduler.prediction_type));
    if (scheduler.beta_schedule != standard.beta_schedule) entry(key("beta_schedule"), name(scheduler.beta_schedule));
    if (scheduler.beta_start != standard.beta_start) entry(key("beta_start"), scheduler.beta_start);
    if (scheduler.beta_end != standard.beta_end) entry(key("beta_end"), scheduler.beta_end);
    const bool has_tags = have_tags(settings.loras);
    if (!has_tags) entry(key("loras"), quoted(text_of(without_folders(settings.loras))));
    if (const std::string hashes = hashes_of(settings.lora_hashes); !hashes.empty())
        entry(lora_hashes_key, quoted(hashes));
    if (!settings.ip_adapters.empty()) entry(key("ip_adapters"), quoted(text_of(as_stored(settings.ip_adapters))));
    if (settings.freeu) entry(key("freeu"), quoted(text_of(*settings.freeu)));
    if (settings.second) {
        entry(key("strength"), settings.second->strength);
        entry(hires_size_key, fmt::format("{}x{}", settings.second->size.width, settings.second->size.height));
        entry(key("hires_steps"), settings.second->steps);
        entry(hires_upscaler_key, quoted(stored_upscaler(settings.second->upscaler)));
        if (settings.hires_step_count != HiresStepCount::webui)
            entry(key("hires_step_count"), name(settings.hires_step_count));
    }
    if (settings.refining) {
        entry(refiner_key, quoted(settings.refining->model));
        entry(key("refiner_at"), settings.refining->at);
    }
    if (settings.denoising_end) entry(key("denoising_end"), *settings.denoising_end);
    if (!settings.controls.empty()) {
        entry(key("controls"), quoted(text_of(as_stored(settings.controls))));
        if (settings.control_mode != ControlMode::balanced) entry(key("control_mode"), name(settings.control_mode));
        if (settings.guess_mode) entry(key("guess_mode"), settings.guess_mode);
    }
    if (!settings.words.empty()) entry(embeddings_key, quoted(hashes_of(settings.words)));
    entry("Precision", precision);
    entry("Version", fmt::format("easel {}", version()));

    const std::string tags = has_tags ? lora_tags(settings.loras) : "";
    return prompts_text(settings.prompt + tags, settings.negative_prompt) + fmt::format("{}", fmt::join(entries, ", "));
}

}  // namespace easel
