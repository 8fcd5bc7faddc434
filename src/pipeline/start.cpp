#include "pipeline/start.h"

#include <memory>
#include <utility>

#include <fmt/format.h>

#include "base/random.h"
#include "pictures/resize.h"
#include "pictures/surroundings.h"
#include "pipeline/encode.h"

namespace easel {
namespace {

template <typename Generator>
NoiseSource noise_of(std::uint32_t seed) {
    return [generator = std::make_shared<Generator>(seed)](std::span<float> out) { generator->fill_normal(out); };
}

std::vector<float> draw(std::size_t count, const NoiseSource& noise) {
    std::vector<float> values(count);
    noise(values);
    return values;
}

std::size_t latent_count(const NetworkKeys& keys, const Work& work) {
    return static_cast<std::size_t>(work.space().channels) * static_cast<std::size_t>(keys.latents.height) *
           static_cast<std::size_t>(keys.latents.width);
}

/// What an inpainting UNet is shown beside the latents: `mask`, and the latents of the picture where it is black.
std::vector<float> inpainting_channels(const Picture& picture, const Mask& mask, const NetworkKeys& keys,
                                       const NoiseSource& noise, const Work& work) {
    const std::vector<float> shown = with_hole(to_network(picture), mask);
    const std::vector<float>& moments = encode_shown(shown, keys, work);
    std::vector<float> channels = nearest_latent_mask(mask, work.space().downsampling).values;
    const std::vector<float> latents = sample_latents(moments, work.space(), noise);
    channels.insert(channels.end(), latents.begin(), latents.end());
    return channels;
}

/// The same where there is no mask: all is to be drawn.
std::vector<float> open_channels(const Pass& pass, const NoiseSource& noise, const Work& work) {
    const auto [width, height] = pass.settings.size;
    const std::size_t pixels = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
    const Picture black{.width = width, .height = height, .pixels = std::vector<std::uint8_t>(3 * pixels)};
    const Mask white{.width = width, .height = height, .pixels = std::vector<std::uint8_t>(pixels, 255)};
    return inpainting_channels(black, white, pass.keys, noise, work);
}

/// What a UNet that changes pictures is shown beside the latents: the init picture in every row, but nothing in the
/// first of several.
std::vector<float> channels_of_edited(const Pass& pass, const Work& work) {
    const auto [width, height] = pass.settings.size;
    const Picture init = resize_lanczos(*pass.settings.init_image, width, height);
    const std::vector<float> shown = mode_of(encode_picture(init, pass.keys, work), work.space());
    const int rows = pass.keys.unet.rows;
    std::vector<float> channels(rows > 1 ? shown.size() : 0);
    while (channels.size() < static_cast<std::size_t>(rows) * shown.size())
        channels.insert(channels.end(), shown.begin(), shown.end());
    return channels;
}

}  // namespace

/// diffusers has no generator except torch's: it receives numpy's numbers as ready-made starting latents.
Noise noise_for(Rng rng, std::uint64_t asked_seed) {
    const auto seed = static_cast<std::uint32_t>(asked_seed);
    const NoiseSource torch = noise_of<TorchGenerator>(seed);
    return {.starting = rng == Rng::numpy ? noise_of<NumpyGenerator>(seed) : torch, .other = torch};
}

Start from_noise(const Pass& pass, const Noise& noise, const Work& work) {
    Start start{.latents = draw(latent_count(pass.keys, work), noise.starting)};
    for (float& value : start.latents) value *= static_cast<float>(pass.sampler->initial_noise_scale());
    if (work.model.facts().masking == Masking::in_the_unet)
        start.more_channels = open_channels(pass, noise.other, work);
    if (work.model.facts().edits_pictures()) start.more_channels = channels_of_edited(pass, work);
    return start;
}

Start from_picture(const Pass& pass, const Noise& noise, const Work& work) {
    const Settings& settings = pass.settings;
    const Sampler& sampler = *pass.sampler;
    const NetworkKeys& keys = pass.keys;
    Start start;
    if (const int run = pass.predictions(); pass.first > 0)
        work.note(fmt::format("{} steps at strength {}: {} {} run", settings.num_inference_steps, settings.strength,
                              run, run == 1 ? "is" : "are"));

    const bool has_mask = settings.task == Task::inpaint;
    const bool in_the_unet = work.model.facts().masking == Masking::in_the_unet;
    Picture init = resize_lanczos(*settings.init_image, settings.size.width, settings.size.height);
    Mask mask;
    if (has_mask) mask = resize_lanczos(*settings.mask, settings.size.width, settings.size.height);
    if (has_mask && settings.masked_content == MaskedContent::fill) init = filled_from_surroundings(init, mask);
    if (has_mask && in_the_unet && settings.strength == 1.0) {
        // diffusers does not encode the picture then, which costs no random numbers either.
        start.noise = draw(latent_count(keys, work), noise.starting);
        start.known = start.noise;
    } else {
        const std::vector<float>& moments = encode_picture(init, keys, work);
        start.known = sample_latents(moments, work.space(), noise.other);
        start.noise = draw(start.known.size(), noise.starting);
    }
    start.latents.resize(start.known.size());

    if (in_the_unet) {
        start.more_channels = has_mask ? inpainting_channels(init, mask, keys, noise.other, work)
                                       : open_channels(pass, noise.other, work);
        if (has_mask)
            set_masked_content(start.known, nearest_latent_mask(mask, work.space().downsampling),
                               settings.masked_content, start.noise);
    } else if (has_mask) {
        const int downsampling = work.space().downsampling;
        start.mask =
            settings.composite ? covering_latent_mask(mask, downsampling) : nearest_latent_mask(mask, downsampling);
        // diffusers also samples the masked picture's latents, which this kind of UNet has no use for.
        if (!work.space().encoder_gives_latents) draw(start.known.size(), noise.other);
        set_masked_content(start.known, *start.mask, settings.masked_content, start.noise);
    }
    if (has_mask && settings.strength == 1.0) {
        for (std::size_t i = 0; i < start.latents.size(); ++i)
            start.latents[i] = start.noise[i] * static_cast<float>(sampler.initial_noise_scale());
    } else {
        sampler.add_noise(start.known, start.noise, pass.first, start.latents);
    }
    return start;
}

Start handed_over(Start before, std::vector<float> latents) {
    before.latents = std::move(latents);
    before.more_channels.clear();
    return before;
}

Start from_latents(const std::vector<float>& known, const Pass& pass, const Noise& noise, const Work& work) {
    Start start;
    const std::vector<float> drawn = draw(known.size(), noise.starting);
    start.latents.resize(known.size());
    pass.sampler->add_noise(known, drawn, pass.first, start.latents);
    if (work.model.facts().masking == Masking::in_the_unet)
        start.more_channels = open_channels(pass, noise.other, work);
    return start;
}

}  // namespace easel
