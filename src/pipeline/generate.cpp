#include "pipeline/generate.h"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "pictures/blur.h"
#include "pictures/composite.h"
#include "pictures/resize.h"
#include "pipeline/controls.h"
#include "pipeline/denoise.h"
#include "pipeline/encode.h"
#include "pipeline/enlarged_latents.h"
#include "pipeline/guidance.h"
#include "pipeline/image_prompts.h"
#include "pipeline/latents.h"
#include "pipeline/pass.h"
#include "pipeline/stages.h"
#include "pipeline/start.h"
#include "pipeline/tiled_vae.h"
#include "pipeline/upscaler.h"
#include "settings/latent_upscaler.h"
#include "settings/parameters.h"
#include "settings/second_pass.h"

namespace easel {
namespace {

/// The files that the settings name.
struct Opened {
    std::vector<NamedEmbedding> embeddings;
    std::vector<OpenControl> controls;
    std::vector<OpenIpAdapter> ip_adapters;
    NetworkChanges changes;
    /// What enlarges the picture for a second pass; null: Lanczos, or the latents are enlarged.
    Upscaler* upscaler = nullptr;
};

Upscaler* upscaler_of(const Settings& settings, Model& model) {
    if (!settings.second) return nullptr;
    const std::string& name = settings.second->upscaler;
    return latent_upscaler(name) || name == lanczos_upscaler ? nullptr : &model.upscaler(name);
}

Pass pass_of(Settings settings, const Opened& opened, const Model& model) {
    Pass pass;
    pass.tokens =
        read_prompts(settings, model.tokenizer(), opened.embeddings, /*needs_uncond=*/false, model.tokenizer_2());
    pass.guidance = guidance_of(settings, pass.tokens);
    pass.keys = keys_for(settings, pass.guidance.rows, pass.tokens, model.facts(), opened.changes, opened.controls);
    for (const OpenIpAdapter& adapter : opened.ip_adapters) pass.keys.unet.ip_adapters.push_back(adapter.adapter);
    pass.image_prompts = opened.ip_adapters;
    pass.sampler = make_sampler(settings.plan);
    if (settings.task != Task::text_to_image) pass.first = settings.first_step();
    pass.settings = std::move(settings);
    pass.all_predictions = pass.predictions();
    return pass;
}

Pass second_pass(Pass& first, const Opened& opened, const Model& model) {
    Pass second = pass_of(settings_of_second_pass(first.settings), opened, model);
    const bool enlarges_latents = latent_upscaler(first.settings.second->upscaler) != nullptr;
    first.keys.decodes = !enlarges_latents;
    second.keys.encodes = !enlarges_latents || model.facts().masking == Masking::in_the_unet;
    second.first = first.settings.second->first;
    second.predictions_before = first.predictions();
    first.all_predictions = second.all_predictions = first.predictions() + second.predictions();
    // The same networks serve both if they have the same size.
    second.keys.pass = second.keys.latents == first.keys.latents ? 0 : 1;
    return second;
}

/// The ControlNets with the pictures that they follow.
Controls controls_of(const Pass& pass, const std::vector<OpenControl>& controls, const Work& work) {
    const Settings& settings = pass.settings;
    const std::vector<ControlNet*> networks = work.model.controls(pass.keys, work.callbacks, work.stop);
    for (std::size_t i = 0; i < networks.size(); ++i)
        networks[i]->follow(controls[i].picture
                                ? control_values(*controls[i].picture, settings.size)
                                : inpaint_control_values(*settings.init_image, *settings.mask, settings.size),
                            work.stop);
    return {settings, networks, pass.keys.unet.rows};
}

/// Draws the pass from `start`; returns its clean latents.
Latents draw_pass(const Pass& pass, const Start& start, const Opened& opened, const NoiseSource& noise,
                  const Work& work, Result& result) {
    const Contexts& contexts = encode_text(pass.tokens, pass.keys, work);
    Controls controls = controls_of(pass, opened.controls, work);
    Denoised denoised = denoise(start, pass, contexts, controls, noise, work);
    result.steps_run += denoised.steps;
    return {.channels = work.space().channels,
            .height = pass.keys.latents.height,
            .width = pass.keys.latents.width,
            .values = std::move(denoised.latents)};
}

Picture decode(const Pass& pass, const Latents& latents, const Work& work) {
    VaeDecoder& vae_decoder = work.model.vae_decoder(pass.keys, work.callbacks, work.stop);
    const StageReport report(work.callbacks, Stage::decode);
    const std::vector<float> values = decode_tiles(unscaled_latents(latents.values, work.space()), pass.keys.latents,
                                                   pass.keys.vae_tile, work.space(), vae_decoder, work.stop);
    Picture picture = from_network(values, pass.settings.size.width, pass.settings.size.height);
    report.done();
    return picture;
}

/// Where the second pass begins: at the enlarged latents or picture of the first one, with the same seed's noise again.
/// Source: sample_hr_pass() of AUTOMATIC1111's web UI (modules/processing.py).
Start between_passes(const Pass& first, const Pass& second, const Latents& drawn, const Opened& opened,
                     const Noise& noise, const Work& work) {
    const SecondPass& asked = *first.settings.second;
    std::vector<float> known;
    if (const LatentUpscaler* upscaler = latent_upscaler(asked.upscaler)) {
        known = resized(drawn, second.keys.latents, *upscaler).values;
    } else {
        const Picture large =
            enlarged(decode(first, drawn, work), asked.size, opened.upscaler, {}, work.callbacks, work.stop);
        known = sample_latents(encode_picture(large, second.keys, work), work.space(), noise.other);
    }
    return from_latents(known, second, noise, work);
}

/// The picture that is returned: at the expected size, and pasted under the mask.
Picture finish(const Picture& drawn, const Settings& settings) {
    if (settings.task != Task::inpaint || !settings.composite)
        return resize_lanczos(drawn, settings.result_size.width, settings.result_size.height);
    const Picture& init = *settings.init_image;
    const Mask mask = resize_lanczos(*settings.mask, init.width, init.height);
    return composite(init, resize_lanczos(drawn, init.width, init.height), blur(mask, settings.mask_blur));
}

}  // namespace

Result generate(Settings settings, Model& model, LastInputs& last, const Callbacks& callbacks,
                const std::stop_token& stop) {
    const Work work{.model = model, .last = last, .callbacks = callbacks, .stop = stop};
    model.check(settings);
    const Opened opened{.embeddings = model.open(settings.embeddings),
                        .controls = model.open(settings.controls, callbacks),
                        .ip_adapters = model.open(settings.ip_adapters),
                        .changes = model.open(settings.loras, callbacks),
                        .upscaler = upscaler_of(settings, model)};
    settings.lora_hashes = hashes_of(settings.loras);
    Pass first = pass_of(std::move(settings), opened, model);
    for (const std::string& sentence : first.settings.model_notes)
        if (model.is_first_time_of(sentence)) work.note(sentence);
    for (const std::string& sentence : first.settings.notes) work.note(sentence);
    std::optional<Pass> second;
    if (first.settings.second)
        second = second_pass(first, opened, model);
    else
        model.drop_second_pass();
    model.prepare(first.keys, callbacks, stop);
    if (second) model.prepare(second->keys, callbacks, stop);

    Result result{.steps = first.all_predictions};
    const Noise noise = noise_for(first.settings.rng, first.settings.seed);
    const auto begin =
        first.settings.task == Task::text_to_image || model.facts().edits_pictures() ? from_noise : from_picture;
    const Start start = begin(first, noise, work);
    result.latents = draw_pass(first, start, opened, noise.other, work, result);
    // Whoever wants the picture as it is gets that of the first pass.
    if (callbacks.finish.stop_requested()) second.reset();
    if (second) {
        const Noise again = noise_for(first.settings.rng, first.settings.seed);
        const Start middle = between_passes(first, *second, result.latents, opened, again, work);
        result.latents = draw_pass(*second, middle, opened, again.other, work, result);
    }
    const Pass& final_pass = second ? *second : first;
    result.picture = finish(decode(final_pass, result.latents, work), final_pass.settings);
    result.seed = first.settings.seed;
    result.parameters = parameters_text(first.settings, model.facts().identity.name, model.precision());
    // Without this the text would describe the picture that all steps would have drawn.
    if (result.steps_run < result.steps) result.parameters += fmt::format(", Steps run: {}", result.steps_run);
    return result;
}

}  // namespace easel
