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
#include "pipeline/latents.h"
#include "pipeline/passes.h"
#include "pipeline/stages.h"
#include "pipeline/start.h"
#include "pipeline/tiled_vae.h"
#include "pipeline/upscaler.h"
#include "settings/latent_upscaler.h"
#include "settings/parameters.h"

namespace easel {
namespace {

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

/// What a pass has drawn.
struct Drawn {
    Latents latents;
    /// See Denoised.
    bool ended_early = false;
};

/// Draws the pass from `start`.
Drawn draw_pass(const Pass& pass, const Start& start, const Opened& opened, const NoiseSource& noise, const Work& work,
                Result& result) {
    const Contexts& contexts = encode_text(pass.tokens, pass.keys, work);
    Controls controls = controls_of(pass, opened.controls, work);
    Denoised denoised = denoise(start, pass, contexts, controls, noise, work);
    result.steps_run += denoised.steps;
    return {.latents = {.channels = work.space().channels,
                        .height = pass.keys.latents.height,
                        .width = pass.keys.latents.width,
                        .values = std::move(denoised.latents)},
            .ended_early = denoised.ended_early};
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

/// Draws the refiner's pass; with a limit on memory the two models take turns.
Drawn refine(const Pass& pass, const Start& start, const NoiseSource& noise, const Work& before, OpenedModel& refiner,
             Result& result) {
    const Work work{.model = refiner.model, .last = refiner.last, .callbacks = before.callbacks, .stop = before.stop};
    before.model.give_way();
    Drawn drawn = draw_pass(pass, start, {}, noise, work, result);
    refiner.model.give_way();
    return drawn;
}

}  // namespace

Result generate(Settings settings, OpenedModel& opened_model, OpenedModel* refiner, const Callbacks& callbacks,
                const std::stop_token& stop) {
    Model& model = opened_model.model;
    const Work work{.model = model, .last = opened_model.last, .callbacks = callbacks, .stop = stop};
    model.check(settings);
    const Opened opened = open_files(settings, model, callbacks);
    settings.lora_hashes = hashes_of(settings.loras);
    Passes passes = passes_of(std::move(settings), opened, model, refiner ? &refiner->model : nullptr);
    const Pass& first = passes.first;
    for (const std::string& sentence : first.settings.model_notes)
        if (model.is_first_time_of(sentence)) work.note(sentence);
    for (const std::string& sentence : first.settings.notes) work.note(sentence);
    if (!passes.second) model.drop_second_pass();
    model.prepare(first.keys, callbacks, stop);
    if (passes.second) model.prepare(passes.second->keys, callbacks, stop);
    if (passes.refining) refiner->model.prepare(passes.refining->keys, callbacks, stop);

    Result result{.steps = first.all_predictions};
    Noise noise = noise_for(first.settings.rng, first.settings.seed);
    const auto begin =
        first.settings.task == Task::text_to_image || model.facts().edits_pictures() ? from_noise : from_picture;
    Start start = begin(first, noise, work);
    Drawn drawn = draw_pass(first, start, opened, noise.other, work, result);
    // Whoever wants the picture as it is gets that of the first pass.
    if (passes.second && callbacks.finish.stop_requested()) passes.drop_later();
    if (passes.second) {
        noise = noise_for(first.settings.rng, first.settings.seed);
        start = between_passes(first, *passes.second, drawn.latents, opened, noise, work);
        drawn = draw_pass(*passes.second, start, opened, noise.other, work, result);
    }
    if (passes.refining && !drawn.ended_early)
        drawn = refine(*passes.refining, handed_over(std::move(start), std::move(drawn.latents.values)), noise.other,
                       work, *refiner, result);
    result.latents = std::move(drawn.latents);
    result.picture = finish(decode(passes.last(), result.latents, work), passes.last().settings);
    result.seed = first.settings.seed;
    result.parameters = parameters_text(first.settings, model.facts().identity.name, model.precision());
    // Without this the text would describe the picture that all steps would have drawn.
    if (result.steps_run < result.steps) result.parameters += fmt::format(", Steps run: {}", result.steps_run);
    return result;
}

}  // namespace easel
