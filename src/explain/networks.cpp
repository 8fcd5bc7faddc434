#include "explain/networks.h"

#include <algorithm>
#include <utility>

#include "pipeline/guidance.h"
#include "pipeline/latents.h"
#include "pipeline/stages.h"

namespace easel {

Networks::Networks(Model& model, const Settings& settings, const Callbacks& callbacks, std::stop_token stop)
    : model_(model), size_(settings.size), stop_(std::move(stop)) {
    const StageReport compiling(callbacks, Stage::compile);
    model_.compile(settings, stop_);
    compiling.done();

    const StageReport encoding(callbacks, Stage::text);
    const auto encode_prompt = [&](const std::string& prompt, TextEncoder::State state) {
        return model_.text_encoder().encode(model_.tokenizer().encode(prompt).ids, state, stop_);
    };
    std::vector<float> rows = encode_prompt(settings.negative_prompt, TextEncoder::State::last);
    const std::vector<float> cond = encode_prompt(settings.prompt, TextEncoder::State::skipped);
    rows.insert(rows.end(), cond.begin(), cond.end());
    model_.denoiser().set_text(rows);
    encoding.done();
}

std::vector<float> Networks::encode(const Picture& picture) {
    const auto none = [](std::span<float> noise) { std::ranges::fill(noise, 0.0f); };
    return sample_latents(model_.vae_encoder().encode(to_network(picture), stop_), model_.facts().latents, none);
}

Picture Networks::decode(std::span<const float> latents) {
    const auto values = model_.vae_decoder().decode(unscaled_latents(latents, model_.facts().latents), stop_);
    return from_network(values, size_.width, size_.height);
}

std::vector<float> Networks::predict(std::span<const float> latents, double timestep, double guidance_scale) {
    const std::span<const float> both = model_.denoiser().predict(latents, timestep, stop_);
    std::vector<float> guided(latents.size());
    guide(both.first(latents.size()), both.last(latents.size()), guidance_scale, guided);
    check_finite(guided, "in the UNet's prediction");
    return guided;
}

}  // namespace easel
