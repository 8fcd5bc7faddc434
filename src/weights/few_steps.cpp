#include "weights/few_steps.h"

#include <algorithm>
#include <array>
#include <regex>

#include <nlohmann/json.hpp>

namespace easel {
namespace {

/// A kind of distillation, and what its authors draw with.
struct Distillation {
    std::string_view word, what;
    int steps;
    double guidance_scale;
    std::string_view sampler, timestep_spacing;
};

constexpr std::string_view lcm = "lcm", turbo = "turbo", hyper = "hyper";

/// Of the LoRAs of Hyper-SD that keep guidance ("8steps-CFG-lora"): 5 to 8, their authors write.
constexpr double guidance_of_hyper_cfg = 5.0;

constexpr std::array distillations = {
    // Luo et al. 2023; huggingface.co/SimianLuo/LCM_Dreamshaper_v7 (guidance inside the UNet is another row).
    Distillation{lcm, "an LCM", 4, 1.0, "lcm", ""},
    // Zheng et al. 2024; huggingface.co/h1t/TCD-SD15-LoRA, TCD-SDXL-LoRA.
    Distillation{"tcd", "a TCD model", 4, 1.0, "tcd", ""},
    // Sauer et al. 2023; huggingface.co/stabilityai/sd-turbo, sdxl-turbo.
    Distillation{turbo, "a Turbo model", 1, 1.0, "euler", "trailing"},
    // Lin et al. 2024; huggingface.co/ByteDance/SDXL-Lightning.
    Distillation{"lightning", "a Lightning model", 4, 1.0, "euler", "trailing"},
    // Ren et al. 2024; huggingface.co/ByteDance/Hyper-SD (of one step: use_unified_hyper).
    Distillation{hyper, "a Hyper model", 4, 1.0, "ddim", "trailing"},
};

/// Of a UNet that takes the guidance scale itself: the default of its pipeline in diffusers.
constexpr double guidance_of_lcm_unet = 8.5;

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}

bool is_letter(char c) { return c >= 'a' && c <= 'z'; }

/// Whether `text` has `word` between characters that are no letters.
bool has_word(std::string_view text, std::string_view word) {
    for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        if ((at == 0 || !is_letter(text[at - 1])) && (end == text.size() || !is_letter(text[end]))) return true;
    }
    return false;
}

/// The steps that a name states: "sdxl_lightning_4step", "Hyper-SD15-8steps".
std::optional<int> stated_steps(const std::string& name) {
    static const std::regex steps("(?:^|[^0-9])([1-9][0-9]?)[-_ ]?steps?(?:[^a-z]|$)");
    std::smatch match;
    if (!std::regex_search(name, match, steps)) return std::nullopt;
    return std::stoi(match[1]);
}

/// Whether a name is one of that kind. "Hyper" is an ordinary word too: it counts before "SD" and beside steps.
bool names_kind(const std::string& name, std::string_view word) {
    if (!has_word(name, word)) return false;
    static const std::regex hyper_sd("hyper[-_ ]?sd");
    return word != hyper || stated_steps(name) || std::regex_search(name, hyper_sd);
}

/// The LoRAs of Hyper-SD that are named after one step draw with 1 to 8, by TCD with an eta of 1. (Its UNet of one step
/// is no such.)
void use_unified_hyper(FewSteps& result) {
    result.sampler = "tcd";
    result.timestep_spacing = "";
    result.eta = 1.0;
}

bool has_lcm_scheduler(const std::optional<std::string>& scheduler_config) {
    if (!scheduler_config) return false;
    const auto config = nlohmann::json::parse(*scheduler_config, nullptr, /*allow_exceptions=*/false);
    return config.is_object() && config.value("_class_name", nlohmann::json()) == "LCMScheduler";
}

}  // namespace

std::optional<FewSteps> few_steps_of(std::string_view name, Family family,
                                     const std::optional<std::string>& scheduler_config, bool takes_guidance) {
    // A name of any length is no reason to search for long.
    constexpr std::size_t longest = 200;
    const std::string words = lower(name.substr(0, longest));
    const bool is_lcm = takes_guidance || has_lcm_scheduler(scheduler_config);
    const auto* kind = std::ranges::find_if(
        distillations, [&](const Distillation& row) { return is_lcm ? row.word == lcm : names_kind(words, row.word); });
    if (kind == distillations.end()) return std::nullopt;
    FewSteps result{.what = std::string(kind->what),
                    .steps = stated_steps(words).value_or(kind->steps),
                    .guidance_scale = takes_guidance ? guidance_of_lcm_unet : kind->guidance_scale,
                    .sampler = std::string(kind->sampler),
                    .timestep_spacing = std::string(kind->timestep_spacing)};
    if (kind->word == hyper && has_word(words, "cfg")) result.guidance_scale = guidance_of_hyper_cfg;
    if (kind->word == hyper && result.steps == 1 && !has_word(words, "unet")) use_unified_hyper(result);
    if (kind->word == turbo && family == Family::stable_diffusion_xl) result.sampler = "euler_a";
    return result;
}

}  // namespace easel
