#include "pipeline/generate.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/error.h"
#include "base/random.h"
#include "diffusion/sampler.h"
#include "pictures/blur.h"
#include "pictures/composite.h"
#include "pictures/resize.h"
#include "pictures/surroundings.h"
#include "pipeline/contexts.h"
#include "pipeline/controls.h"
#include "pipeline/guidance.h"
#include "pipeline/latents.h"
#include "pipeline/prediction_check.h"
#include "pipeline/preview.h"
#include "pipeline/stages.h"
#include "settings/parameters.h"
#include "settings/settings.h"

namespace easel {
namespace {

template <typename Generator>
NoiseSource noise_of(std::uint32_t seed) {
    return [generator = std::make_shared<Generator>(seed)](std::span<float> out) { generator->fill_normal(out); };
}

/// The sources of random numbers: for the starting noise, and for the VAE's encoder and the sampler.
struct Noise {
    NoiseSource starting, other;
};

/// diffusers has no generator except torch's: it receives numpy's numbers as ready-made starting latents.
Noise noise_for(Rng rng, std::uint64_t asked_seed) {
    const auto seed = static_cast<std::uint32_t>(asked_seed);  // torch takes the low 32 bits
    const NoiseSource torch = noise_of<TorchGenerator>(seed);
    return {.starting = rng == Rng::numpy ? noise_of<NumpyGenerator>(seed) : torch, .other = torch};
}

void note(const Callbacks& callbacks, const std::string& sentence) {
    if (callbacks.note) callbacks.note(sentence);
}

/// The output of the text encoder for the prompts, kept from the last picture if they are the same.
const Contexts& encode_text(const PromptTokens& tokens, const NetworkKeys& keys, Model& model, LastInputs& last,
                            const Callbacks& callbacks, const std::stop_token& stop) {
    return last.contexts.get({tokens, keys.text_encoder}, [&] {
        TextEncoder& text_encoder = model.text_encoder(keys.text_encoder, callbacks, stop);
        const StageReport report(callbacks, Stage::text);
        Contexts contexts(tokens, text_encoder, stop);
        report.done();
        return contexts;
    });
}

/// The state in which the reverse diffusion begins.
struct Start {
    std::vector<float> latents;
    /// The index of the first timestep that is used.
    std::size_t index = 0;
    /// The init picture's latents and the noise that they are mixed with, if there is an init picture.
    std::vector<float> known, noise;
    /// What is put back between the steps.
    std::optional<LatentMask> mask;
    /// Behind the latents: for an inpainting UNet the mask and the latents of the picture with a hole, for one that
    /// changes pictures, in each row, those of the picture.
    std::vector<float> more_channels = {};
};

std::vector<float> draw(std::size_t count, const NoiseSource& noise) {
    std::vector<float> values(count);
    noise(values);
    return values;
}

Start from_noise(std::size_t count, const Sampler& sampler, const NoiseSource& noise) {
    Start start{.latents = draw(count, noise)};
    for (float& value : start.latents) value *= static_cast<float>(sampler.initial_noise_scale());
    return start;
}

/// The output of the VAE's encoder for the init picture, kept from the last picture if it is the same.
const std::vector<float>& encode_picture(const Picture& picture, const NetworkKeys& keys, Model& model,
                                         LastInputs& last, const Callbacks& callbacks, const std::stop_token& stop) {
    return last.moments.get(picture, [&] {
        VaeEncoder& vae_encoder = model.vae_encoder(keys.latents, callbacks, stop);
        const StageReport report(callbacks, Stage::encode);
        const auto moments = vae_encoder.encode(to_network(picture), stop);
        report.done();
        return std::vector<float>(moments.begin(), moments.end());
    });
}

/// What an inpainting UNet is shown beside the latents: `mask`, and the latents of the picture where it is black.
std::vector<float> inpainting_channels(const Picture& picture, const Mask& mask, const NetworkKeys& keys, Model& model,
                                       LastInputs& last, const NoiseSource& noise, const Callbacks& callbacks,
                                       const std::stop_token& stop) {
    const LatentSpace& space = model.facts().latents;
    const std::vector<float> shown = with_hole(to_network(picture), mask);
    const std::vector<float>& moments = last.shown_moments.get(shown, [&] {
        VaeEncoder& vae_encoder = model.vae_encoder(keys.latents, callbacks, stop);
        const StageReport report(callbacks, Stage::encode);
        const auto encoded = vae_encoder.encode(shown, stop);
        report.done();
        return std::vector<float>(encoded.begin(), encoded.end());
    });
    std::vector<float> channels = nearest_latent_mask(mask, space.downsampling).values;
    const std::vector<float> latents = sample_latents(moments, space, noise);
    channels.insert(channels.end(), latents.begin(), latents.end());
    return channels;
}

/// The same where there is no mask: all is to be drawn.
std::vector<float> open_channels(const Settings& settings, const NetworkKeys& keys, Model& model, LastInputs& last,
                                 const NoiseSource& noise, const Callbacks& callbacks, const std::stop_token& stop) {
    const auto [width, height] = settings.size;
    const std::size_t pixels = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
    const Picture black{.width = width, .height = height, .pixels = std::vector<std::uint8_t>(3 * pixels)};
    const Mask white{.width = width, .height = height, .pixels = std::vector<std::uint8_t>(pixels, 255)};
    return inpainting_channels(black, white, keys, model, last, noise, callbacks, stop);
}

/// What a UNet that changes pictures is shown beside the latents: the init picture in every row, but nothing in the
/// first of several.
std::vector<float> channels_of_edited(const Settings& settings, const NetworkKeys& keys, Model& model, LastInputs& last,
                                      const Callbacks& callbacks, const std::stop_token& stop) {
    const Picture init = resize_lanczos(*settings.init_image, settings.size.width, settings.size.height);
    const std::vector<float> shown =
        mode_of(encode_picture(init, keys, model, last, callbacks, stop), model.facts().latents);
    std::vector<float> channels(keys.unet.rows > 1 ? shown.size() : 0);
    while (channels.size() < static_cast<std::size_t>(keys.unet.rows) * shown.size())
        channels.insert(channels.end(), shown.begin(), shown.end());
    return channels;
}

/// The init picture's latents at the noise level of the timestep that `strength` selects.
Start from_picture(const Settings& settings, std::size_t count, const Sampler& sampler, const NetworkKeys& keys,
                   Model& model, LastInputs& last, const Noise& noise, const Callbacks& callbacks,
                   const std::stop_token& stop) {
    const std::size_t calls = sampler.timesteps().size();
    Start start{.index = settings.first_step()};
    if (const std::size_t run = calls - start.index; run < calls)
        note(callbacks, fmt::format("{} steps at strength {}: {} {} run", settings.num_inference_steps,
                                    settings.strength, run, run == 1 ? "is" : "are"));

    const bool has_mask = settings.task == Task::inpaint;
    const bool in_the_unet = model.facts().masking == Masking::in_the_unet;
    Picture init = resize_lanczos(*settings.init_image, settings.size.width, settings.size.height);
    Mask mask;
    if (has_mask) mask = resize_lanczos(*settings.mask, settings.size.width, settings.size.height);
    if (has_mask && settings.masked_content == MaskedContent::fill) init = filled_from_surroundings(init, mask);
    if (has_mask && in_the_unet && settings.strength == 1.0) {
        // diffusers does not encode the picture then, which costs no random numbers either.
        start.noise = draw(count, noise.starting);
        start.known = start.noise;
    } else {
        const std::vector<float>& moments = encode_picture(init, keys, model, last, callbacks, stop);
        start.known = sample_latents(moments, model.facts().latents, noise.other);
        start.noise = draw(start.known.size(), noise.starting);
    }
    start.latents.resize(start.known.size());

    if (in_the_unet) {
        start.more_channels = has_mask
                                  ? inpainting_channels(init, mask, keys, model, last, noise.other, callbacks, stop)
                                  : open_channels(settings, keys, model, last, noise.other, callbacks, stop);
        if (has_mask)
            set_masked_content(start.known, nearest_latent_mask(mask, model.facts().latents.downsampling),
                               settings.masked_content, start.noise);
    } else if (has_mask) {
        const int downsampling = model.facts().latents.downsampling;
        start.mask =
            settings.composite ? covering_latent_mask(mask, downsampling) : nearest_latent_mask(mask, downsampling);
        // diffusers also samples the masked picture's latents, which this kind of UNet has no use for.
        if (!model.facts().latents.encoder_gives_latents) draw(start.known.size(), noise.other);
        set_masked_content(start.known, *start.mask, settings.masked_content, start.noise);
    }
    if (has_mask && settings.strength == 1.0) {
        for (std::size_t i = 0; i < start.latents.size(); ++i)
            start.latents[i] = start.noise[i] * static_cast<float>(sampler.initial_noise_scale());
    } else {
        sampler.add_noise(start.known, start.noise, start.index, start.latents);
    }
    return start;
}

/// Puts the kept area back into the latents, at the noise level that the next step expects: clean after the last one.
void restore_known(std::vector<float>& latents, const Start& start, const Sampler& sampler, std::size_t done) {
    if (done == sampler.timesteps().size()) return keep_known(latents, start.known, *start.mask);
    std::vector<float> known(latents.size());
    sampler.add_noise(start.known, start.noise, done, known);
    keep_known(latents, known, *start.mask);
}

/// Where the reverse diffusion ended.
struct Denoised {
    std::vector<float> latents;
    /// Predictions that were made.
    int steps = 0;
};

/// The clean latents that a prediction at the sampler's timestep `i` implies; the kept area is that of the init
/// picture.
std::vector<float> predicted_clean(std::span<const float> prediction, std::span<const float> latents, std::size_t i,
                                   const Sampler& sampler, PredictionType type, const Start& start) {
    std::vector<float> clean(latents.size());
    predict_x0(type, prediction, latents, sampler.level(i), clean);
    if (start.mask) keep_known(clean, start.known, *start.mask);
    return clean;
}

/// Reverse diffusion from `start` to clean latents. Ends early, with the predicted ones, on request.
Denoised denoise(const Start& start, const Settings& settings, const Guidance& guidance, const Contexts& contexts,
                 const LatentSpace& space, const NetworkKeys& keys, Sampler& sampler, Denoiser& denoiser,
                 Controls& controls, const NoiseSource& noise, const Callbacks& callbacks,
                 const std::stop_token& stop) {
    const PredictionType type = settings.plan.config.prediction_type;
    const std::span<const double> timesteps = sampler.timesteps();
    const int steps = static_cast<int>(timesteps.size() - start.index);
    const StageReport report(callbacks, Stage::denoise, steps);
    std::vector<float> latents = start.latents;
    std::vector<float> input(latents.size()), mixed(latents.size());
    std::vector<std::size_t> texts;

    for (std::size_t i = start.index; i < timesteps.size(); ++i) {
        sampler.scale_input(latents, i, input);
        std::vector<std::size_t> now = contexts.texts_at(static_cast<int>(i - start.index), settings.step_rule);
        if (now != texts) {
            texts = std::move(now);
            Conditioning conditioning = contexts.conditioning(texts);
            if (guidance.image_scale) repeat_uncond(conditioning);
            add_settings(conditioning, settings);
            conditioning.more_channels = start.more_channels;
            denoiser.condition(conditioning);
            controls.condition(conditioning);
        }
        controls.run(denoiser, input, timesteps[i], i - start.index, timesteps.size() - start.index, stop);
        const auto predictions = denoiser.predict(input, timesteps[i], i - start.index, stop);
        const auto prediction = guidance.mix(predictions, mixed);
        if (i == start.index)
            if (const auto doubt = doubt_about(type, prediction, input, sampler.level(i))) note(callbacks, *doubt);
        const int step = static_cast<int>(i + 1 - start.index);
        const bool is_enough = callbacks.finish.stop_requested() && step < steps;

        std::optional<Preview> preview;
        if (is_enough || is_previewed(step, callbacks)) {
            std::vector<float> clean = predicted_clean(prediction, latents, i, sampler, type, start);
            if (is_enough) {
                check_finite(clean, fmt::format("at step {} of {}", step, steps));
                report.done();
                return {std::move(clean), step};
            }
            preview = preview_of(std::move(clean), keys.latents, space);
        }
        sampler.step(prediction, i, latents, noise);
        if (start.mask) restore_known(latents, start, sampler, i + 1);

        check_finite(latents, fmt::format("at step {} of {}", i + 1, timesteps.size()));
        report.step(step, preview ? &*preview : nullptr);
        if (stop.stop_requested()) throw Cancelled();
    }
    return {std::move(latents), steps};
}

/// The ControlNets with the pictures that they follow.
Controls controls_of(const Settings& settings, const std::vector<OpenControl>& opened, const NetworkKeys& keys,
                     Model& model, const Callbacks& callbacks, const std::stop_token& stop) {
    const std::vector<ControlNet*> networks = model.controls(keys.controls, callbacks, stop);
    for (std::size_t i = 0; i < networks.size(); ++i)
        networks[i]->follow(opened[i].picture
                                ? control_values(*opened[i].picture, settings.size)
                                : inpaint_control_values(*settings.init_image, *settings.mask, settings.size),
                            stop);
    return {settings, networks, keys.unet.rows};
}

Picture decode(std::span<const float> latents, const Settings& settings, const LatentSpace& space,
               VaeDecoder& vae_decoder, const Callbacks& callbacks, const std::stop_token& stop) {
    const StageReport report(callbacks, Stage::decode);
    const auto values = vae_decoder.decode(unscaled_latents(latents, space), stop);
    Picture picture = from_network(values, settings.size.width, settings.size.height);
    report.done();
    return picture;
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
    const ModelFacts& facts = model.facts();
    const PromptTokens tokens = read_prompts(settings, model.tokenizer(), model.open(settings.embeddings),
                                             /*needs_uncond=*/false, model.tokenizer_2());
    for (const std::string& sentence : settings.model_notes)
        if (model.is_first_time_of(sentence)) note(callbacks, sentence);
    for (const std::string& sentence : settings.notes) note(callbacks, sentence);
    const Guidance guidance = guidance_of(settings, tokens);
    const auto sampler = make_sampler(settings.plan);
    const Noise noise = noise_for(settings.rng, settings.seed);

    const std::vector<OpenControl> opened = model.open(settings.controls, callbacks);
    const NetworkKeys keys =
        keys_for(settings, guidance.rows, tokens, facts, model.open(settings.loras, callbacks), opened);
    settings.lora_hashes = hashes_of(settings.loras);
    model.prepare(keys, callbacks, stop);
    const Contexts& contexts = encode_text(tokens, keys, model, last, callbacks, stop);

    Latents latents{.channels = facts.latents.channels, .height = keys.latents.height, .width = keys.latents.width};
    const std::size_t count = static_cast<std::size_t>(latents.channels) * static_cast<std::size_t>(latents.height) *
                              static_cast<std::size_t>(latents.width);
    Start start = settings.task == Task::text_to_image || facts.edits_pictures()
                      ? from_noise(count, *sampler, noise.starting)
                      : from_picture(settings, count, *sampler, keys, model, last, noise, callbacks, stop);

    if (settings.task == Task::text_to_image && facts.masking == Masking::in_the_unet)
        start.more_channels = open_channels(settings, keys, model, last, noise.other, callbacks, stop);

    if (facts.edits_pictures()) start.more_channels = channels_of_edited(settings, keys, model, last, callbacks, stop);

    Controls controls = controls_of(settings, opened, keys, model, callbacks, stop);
    Denoiser& denoiser = model.denoiser(keys.unet, callbacks, stop);
    Denoised denoised = denoise(start, settings, guidance, contexts, facts.latents, keys, *sampler, denoiser, controls,
                                noise.other, callbacks, stop);
    latents.values = std::move(denoised.latents);

    VaeDecoder& vae_decoder = model.vae_decoder(keys.latents, callbacks, stop);
    const Picture drawn = decode(latents.values, settings, facts.latents, vae_decoder, callbacks, stop);

    Result result;
    result.picture = finish(drawn, settings);
    result.seed = settings.seed;
    result.parameters = parameters_text(settings, facts.identity.name, model.precision());
    result.latents = std::move(latents);
    result.steps = static_cast<int>(sampler->timesteps().size() - start.index);
    result.steps_run = denoised.steps;
    // Without this the text would describe the picture that all steps would have drawn.
    if (result.steps_run < result.steps) result.parameters += fmt::format(", Steps run: {}", result.steps_run);
    return result;
}

}  // namespace easel
