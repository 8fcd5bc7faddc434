#include "pipeline/guided_unet.h"

#include <utility>

namespace easel {

GuidedUNet::GuidedUNet(const Start& start, const Pass& pass, const Contexts& contexts, Controls& controls,
                       const Work& work)
    : start_(start), pass_(pass), contexts_(contexts), controls_(controls), work_(work), mixed_(start.latents.size()) {}

bool GuidedUNet::steer(std::size_t i) {
    std::vector<std::size_t> texts =
        contexts_.texts_at(static_cast<int>(i - pass_.text_first), pass_.settings.step_rule);
    const bool guided = pass_.is_guided(i);
    if (denoiser_ && texts == texts_ && guided == guided_) return false;
    texts_ = std::move(texts);
    guided_ = guided;
    denoiser_ = guided || !pass_.keys.unguided
                    ? &work_.model.denoiser(pass_.keys, work_.callbacks, work_.stop)
                    : &work_.model.unguided_denoiser(pass_.keys, work_.callbacks, work_.stop);
    const Conditioning all = conditioning();
    denoiser_->condition(all);
    controls_.condition(all);
    return true;
}

Conditioning GuidedUNet::conditioning() const {
    Conditioning conditioning = contexts_.conditioning(texts_);
    if (pass_.guidance.image_scale) repeat_uncond(conditioning);
    add_settings(conditioning, pass_.settings);
    add_image_prompts(conditioning, pass_.image_prompts);
    if (!guided_ && pass_.keys.unguided) keep_last_row(conditioning);
    conditioning.more_channels = start_.more_channels;
    return conditioning;
}

std::span<const float> GuidedUNet::predict(std::span<const float> input, std::size_t i) {
    const std::span<const double> timesteps = pass_.sampler->timesteps();
    const std::size_t step = i - pass_.first;
    controls_.run(*denoiser_, input, timesteps[i], step, timesteps.size() - pass_.first, work_.stop);
    const Guidance& guidance = guided_ ? pass_.guidance : pass_.guidance_outside;
    return guidance.mix(denoiser_->predict(input, timesteps[i], step, work_.stop), mixed_);
}

}  // namespace easel
