#include "explain/networks.h"

#include <algorithm>
#include <utility>

#include "pipeline/guidance.h"
#include "pipeline/latents.h"
#include "pipeline/stages.h"
#include "pipeline/tiled_vae.h"

namespace easel {

Networks::Networks(Model& model, Settings settings, const Callbacks& callbacks, std::stop_token stop)
    : model_(model),
      tokens_(read_prompts(settings, model.tokenizer(), model.open(settings.embeddings), /*needs_uncond=*/true,
                           model.tokenizer_2())),
      guidance_(guidance_of(settings, tokens_)),
      keys_(keys_for(settings, guidance_.rows, tokens_, model.facts(), model.open(settings.loras, callbacks))),
      size_(settings.size),
      callbacks_(callbacks),
      stop_(std::move(stop)) {
    model_.prepare(keys_, callbacks_, stop_);
    TextEncoder& text_encoder = model_.text_encoder(keys_, callbacks_, stop_);
    const StageReport report(callbacks_, Stage::text);
    const Contexts contexts(tokens_, text_encoder, stop_);
    conditioning_ = contexts.conditioning(contexts.texts_at(0, settings.step_rule));
    add_settings(conditioning_, settings);
    report.done();
}

std::vector<float> Networks::encode(const Picture& picture) {
    const auto none = [](std::span<float> noise) { std::ranges::fill(noise, 0.0f); };
    const LatentSpace& space = model_.facts().latents;
    const std::vector<float> moments =
        encode_tiles(to_network(picture), keys_.latents, keys_.vae_tile, space, vae_encoder(), stop_);
    return sample_latents(moments, space, none);
}

Picture Networks::decode(std::span<const float> latents) {
    const LatentSpace& space = model_.facts().latents;
    const std::vector<float> values =
        decode_tiles(unscaled_latents(latents, space), keys_.latents, keys_.vae_tile, space, vae_decoder(), stop_);
    return from_network(values, size_.width, size_.height);
}

std::vector<float> Networks::predict(std::span<const float> latents, double timestep, double guidance_scale) {
    // The denoiser may have been dropped since, where memory is short.
    Denoiser& unet = denoiser();
    unet.condition(conditioning_);
    std::vector<float> guided(latents.size());
    guidance_.scale = guidance_scale;
    guidance_.mix(unet.predict(latents, timestep, 0, stop_), guided);
    check_finite(guided, "in the UNet's prediction");
    return guided;
}

}  // namespace easel
