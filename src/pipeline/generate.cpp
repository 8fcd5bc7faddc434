#include "pipeline/generate.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"
#include "base/random.h"
#include "diffusion/sampler.h"
#include "pictures/blur.h"
#include "pictures/composite.h"
#include "pictures/resize.h"
#include "pipeline/guidance.h"
#include "pipeline/latents.h"
#include "pipeline/stages.h"
#include "settings/parameters.h"
#include "settings/settings.h"

namespace easel {
namespace {

template <typename Generator>
NoiseSource noise_of(std::uint32_t seed) {
    return [generator = std::make_shared<Generator>(seed)](std::span<float> out) { generator->fill_normal(out); };
}

/// Where the random numbers come from: those to begin from, and those that the VAE's encoder and the sampler draw.
struct Noise {
    NoiseSource starting, other;
};

/// diffusers knows of no generator but torch's: numpy's numbers reach it as ready latents to begin from.
Noise noise_for(Rng rng, std::uint32_t seed) {
    const NoiseSource torch = noise_of<TorchGenerator>(seed);
    return {.starting = rng == Rng::numpy ? noise_of<NumpyGenerator>(seed) : torch, .other = torch};
}

void note(const Callbacks& callbacks, const std::string& sentence) {
    if (callbacks.note) callbacks.note(sentence);
}

/// Both prompts as ids, the negative one only where it is used.
struct Prompts {
    std::optional<TokenizedPrompt> uncond;
    TokenizedPrompt cond;
};

Prompts tokenize(const Settings& settings, const Model& model, const Callbacks& callbacks) {
    const auto encode = [&](const std::string& prompt, std::string_view what) {
        TokenizedPrompt tokens = model.tokenizer().encode(prompt);
        if (tokens.cut_tokens > 0)
            note(callbacks, fmt::format("{} has {} tokens, of which 75 are used; cut: {}", what, tokens.token_count,
                                        fmt::join(tokens.cut, " ")));
        return tokens;
    };
    Prompts prompts;
    prompts.cond = encode(settings.prompt, "the prompt");
    if (settings.guided()) prompts.uncond = encode(settings.negative_prompt, "the negative prompt");
    return prompts;
}

/// The text for the UNet: [rows, tokens, width], the unconditional row first where there is guidance.
std::vector<float> encode_text(const Prompts& prompts, Model& model, const Callbacks& callbacks, std::stop_token stop) {
    const StageReport report(callbacks, Stage::text);
    std::vector<float> rows;
    // clip_skip is for the prompt alone, as diffusers has it.
    if (prompts.uncond) rows = model.text_encoder().encode(prompts.uncond->ids, TextEncoder::State::last, stop);
    const auto cond = model.text_encoder().encode(prompts.cond.ids, TextEncoder::State::skipped, stop);
    rows.insert(rows.end(), cond.begin(), cond.end());
    report.done();
    return rows;
}

/// Where the reverse diffusion begins.
struct Start {
    std::vector<float> latents;
    /// The first of the sampler's timesteps that is taken.
    std::size_t index = 0;
    /// The init picture's latents and the noise they are mixed with, where there is an init picture.
    std::vector<float> known, noise;
    std::optional<LatentMask> mask;
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

/// The init picture's latents, as noisy as the timestep is at which `strength` begins.
Start from_picture(const Request& request, const Settings& settings, const Sampler& sampler, Model& model,
                   const Noise& noise, const Callbacks& callbacks, std::stop_token stop) {
    const std::size_t calls = sampler.timesteps().size();
    Start start{.index = sampler.first_step(settings.strength)};
    if (const std::size_t run = calls - start.index; run < calls)
        note(callbacks, fmt::format("{} steps at strength {}: {} {} run", settings.num_inference_steps,
                                    settings.strength, run, run == 1 ? "is" : "are"));

    const StageReport report(callbacks, Stage::encode);
    const Picture init = resize_lanczos(*request.init_image, settings.size.width, settings.size.height);
    const auto moments = model.vae_encoder().encode(to_network(init), stop);
    start.known = sample_latents(moments, model.facts().latents, noise.other);
    start.noise = draw(start.known.size(), noise.starting);
    start.latents.resize(start.known.size());

    if (settings.job == Job::inpaint) {
        const int factor = model.facts().latents.downsampling;
        const Mask mask = resize_lanczos(*request.mask, settings.size.width, settings.size.height);
        start.mask = settings.composite ? covering_latent_mask(mask, factor) : nearest_latent_mask(mask, factor);
        // diffusers also samples the masked picture's latents, which this kind of UNet has no use for.
        draw(start.known.size(), noise.other);
    }
    if (settings.job == Job::inpaint && settings.strength == 1.0) {
        for (std::size_t i = 0; i < start.latents.size(); ++i)
            start.latents[i] = start.noise[i] * static_cast<float>(sampler.initial_noise_scale());
    } else {
        sampler.add_noise(start.known, start.noise, start.index, start.latents);
    }
    report.done();
    return start;
}

/// Puts what is kept back into the latents, at the noise level that the next step expects: clean after the last one.
void restore_known(std::vector<float>& latents, const Start& start, const Sampler& sampler, std::size_t done) {
    if (done == sampler.timesteps().size()) return keep_known(latents, start.known, *start.mask);
    std::vector<float> known(latents.size());
    sampler.add_noise(start.known, start.noise, done, known);
    keep_known(latents, known, *start.mask);
}

/// Reverse diffusion from `start` to clean latents.
std::vector<float> denoise(const Start& start, const Settings& settings, Sampler& sampler, Denoiser& denoiser,
                           const NoiseSource& noise, const Callbacks& callbacks, std::stop_token stop) {
    const std::span<const double> timesteps = sampler.timesteps();
    const StageReport report(callbacks, Stage::denoise, static_cast<int>(timesteps.size() - start.index));
    std::vector<float> latents = start.latents;
    std::vector<float> input(latents.size()), guided(latents.size());

    for (std::size_t i = start.index; i < timesteps.size(); ++i) {
        sampler.scale_input(latents, i, input);
        std::span<const float> prediction = denoiser.predict(input, timesteps[i], stop);
        if (settings.guided()) {
            guide(prediction.first(latents.size()), prediction.last(latents.size()), settings.guidance_scale, guided);
            prediction = guided;
        }
        sampler.step(prediction, i, latents, noise);
        if (start.mask) restore_known(latents, start, sampler, i + 1);

        check_finite(latents, fmt::format("at step {} of {}", i + 1, timesteps.size()));
        report.step(static_cast<int>(i + 1 - start.index));
        if (stop.stop_requested()) throw Cancelled();
    }
    return latents;
}

Picture decode(std::span<const float> latents, const Settings& settings, Model& model, const Callbacks& callbacks,
               std::stop_token stop) {
    const StageReport report(callbacks, Stage::decode);
    const auto values = model.vae_decoder().decode(unscaled_latents(latents, model.facts().latents), stop);
    Picture picture = from_network(values, settings.size.width, settings.size.height);
    report.done();
    return picture;
}

/// The picture as it is given back: at the size that is expected, and pasted under the mask.
Picture finish(Picture drawn, const Request& request, const Settings& settings) {
    if (settings.job != Job::inpaint || !settings.composite)
        return resize_lanczos(drawn, settings.result_size.width, settings.result_size.height);
    const Picture& init = *request.init_image;
    const Mask mask = resize_lanczos(*request.mask, init.width, init.height);
    return composite(init, resize_lanczos(drawn, init.width, init.height), blur(mask, settings.mask_blur));
}

}  // namespace

Result generate(const Request& request, Model& model, const Callbacks& callbacks, std::stop_token stop) {
    const Settings settings = complete(request, model.facts(), model.defaults());
    for (const std::string& sentence : settings.notes) note(callbacks, sentence);
    const Prompts prompts = tokenize(settings, model, callbacks);
    const auto sampler = make_sampler(settings.scheduler, settings.num_inference_steps, settings.eta);
    const Noise noise = noise_for(settings.rng, settings.seed);

    if (!model.is_compiled_for(settings)) {
        const StageReport report(callbacks, Stage::compile);
        model.compile(settings, stop);
        report.done();
    }
    model.denoiser().set_text(encode_text(prompts, model, callbacks, stop));

    const int factor = model.facts().latents.downsampling;
    Latents latents{.channels = model.facts().latents.channels,
                    .height = settings.size.height / factor,
                    .width = settings.size.width / factor};
    const std::size_t count = static_cast<std::size_t>(latents.channels) * static_cast<std::size_t>(latents.height) *
                              static_cast<std::size_t>(latents.width);
    const Start start = settings.job == Job::text_to_image
                            ? from_noise(count, *sampler, noise.starting)
                            : from_picture(request, settings, *sampler, model, noise, callbacks, stop);
    latents.values = denoise(start, settings, *sampler, model.denoiser(), noise.other, callbacks, stop);

    Result result;
    result.picture = finish(decode(latents.values, settings, model, callbacks, stop), request, settings);
    result.seed = settings.seed;
    result.parameters = parameters_text(settings, model.facts().identity.name, model.precision());
    result.latents = std::move(latents);
    return result;
}

}  // namespace easel
