#include "pipeline/passes.h"

#include <string>
#include <utility>

#include "settings/latent_upscaler.h"
#include "settings/refiner_pass.h"
#include "settings/second_pass.h"

namespace easel {
namespace {

Upscaler* upscaler_of(const Settings& settings, Model& model) {
    if (!settings.second) return nullptr;
    const std::string& name = settings.second->upscaler;
    return latent_upscaler(name) || name == lanczos_upscaler ? nullptr : &model.upscaler(name);
}

/// With guidance for a part of the steps only: outside of it the prompt's row alone is predicted, where there is no
/// other and ControlNets, which are compiled for all rows, need none.
void complete_interval(Pass& pass) {
    const Settings& settings = pass.settings;
    pass.guidance_outside = pass.guidance.off();
    const bool is_whole = settings.guidance_start <= 0.0 && settings.guidance_end >= 1.0;
    const Guidance& outside = pass.guidance_outside;
    if (is_whole || outside.rows != 2 || outside.image_scale || outside.weights != std::vector{1.0}) return;
    if (!settings.controls.empty()) return;
    pass.guidance_outside = {};
    pass.keys.unguided = pass.keys.unet;
    pass.keys.unguided->rows = 1;
}

void begin_at(Pass& pass, std::size_t first) { pass.first = pass.text_first = first; }

Pass pass_of(Settings settings, const Opened& opened, const Model& model) {
    Pass pass;
    pass.tokens =
        read_prompts(settings, model.tokenizer(), opened.embeddings, /*needs_uncond=*/false, model.tokenizer_2());
    pass.guidance = guidance_of(settings, pass.tokens);
    pass.keys = keys_for(settings, pass.guidance.rows, pass.tokens, model.facts(), opened.changes, opened.controls);
    for (const OpenIpAdapter& adapter : opened.ip_adapters) pass.keys.unet.ip_adapters.push_back(adapter.adapter);
    pass.image_prompts = opened.ip_adapters;
    pass.sampler = make_sampler(settings.plan);
    if (settings.task != Task::text_to_image) begin_at(pass, settings.first_step());
    const bool ends_early = settings.denoising_end && !settings.second;
    pass.end = ends_early ? settings.plan.calls_until(*settings.denoising_end) : settings.plan.timesteps.size();
    pass.settings = std::move(settings);
    complete_interval(pass);
    return pass;
}

Pass second_pass(Pass& first, const Opened& opened, const Model& model) {
    Pass second = pass_of(settings_of_second_pass(first.settings), opened, model);
    const bool enlarges_latents = latent_upscaler(first.settings.second->upscaler) != nullptr;
    first.keys.decodes = !enlarges_latents;
    second.keys.encodes = !enlarges_latents || model.facts().masking == Masking::in_the_unet;
    begin_at(second, first.settings.second->first);
    // The same networks serve both if they have the same size.
    second.keys.pass = second.keys.latents == first.keys.latents ? 0 : 1;
    return second;
}

/// The refiner's part of the last pass, which ends where this one begins.
Pass refining_pass(Pass& last, const Model& refiner) {
    const double at = last.settings.refining->at;
    Pass refining = pass_of(settings_of_refining(last.settings), {}, refiner);
    refining.first = last.settings.plan.first_call_after(at);
    refining.text_first = last.text_first;
    refining.keys.encodes = refining.keys.decodes = false;
    last.end = last.settings.plan.calls_until(at);
    last.is_handed_over = true;
    return refining;
}

/// Counts the predictions of all passes as those of one.
void count_predictions(const std::vector<Pass*>& passes) {
    int count = 0;
    for (Pass* pass : passes) {
        pass->predictions_before = count;
        count += pass->predictions();
    }
    for (Pass* pass : passes) pass->all_predictions = count;
}

}  // namespace

bool Pass::is_guided(std::size_t i) const {
    const auto steps = static_cast<double>(sampler->timesteps().size() - text_first);
    const double part = static_cast<double>(i - text_first) / steps;
    return part >= settings.guidance_start && part < settings.guidance_end;
}

Opened open_files(const Settings& settings, Model& model, const Callbacks& callbacks) {
    return {.embeddings = model.open(settings.embeddings),
            .controls = model.open(settings.controls, callbacks),
            .ip_adapters = model.open(settings.ip_adapters),
            .changes = model.open(settings.loras, callbacks),
            .upscaler = upscaler_of(settings, model)};
}

Passes passes_of(Settings settings, const Opened& opened, const Model& model, const Model* refiner) {
    Passes passes{.first = pass_of(std::move(settings), opened, model)};
    std::vector<Pass*> all = {&passes.first};
    if (passes.first.settings.second) {
        passes.second = second_pass(passes.first, opened, model);
        all.push_back(&*passes.second);
    }
    if (passes.last().settings.refining && refiner) {
        passes.refining = refining_pass(passes.last(), *refiner);
        all.push_back(&*passes.refining);
    }
    count_predictions(all);
    return passes;
}

}  // namespace easel
