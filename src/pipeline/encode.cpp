#include "pipeline/encode.h"

#include <cstddef>
#include <span>

#include "pipeline/latents.h"
#include "pipeline/stages.h"
#include "pipeline/tiled_vae.h"

namespace easel {
namespace {

std::vector<float> moments_of(std::span<const float> picture, const NetworkKeys& keys, const Work& work) {
    VaeEncoder& vae_encoder = work.model.vae_encoder(keys, work.callbacks, work.stop);
    const StageReport report(work.callbacks, Stage::encode);
    std::vector<float> moments =
        encode_tiles(picture, keys.latents, keys.vae_tile, work.space(), vae_encoder, work.stop);
    report.done();
    return moments;
}

}  // namespace

const Contexts& encode_text(const PromptTokens& tokens, const NetworkKeys& keys, const Work& work) {
    const LastInputs::Text text{tokens, keys.text_encoder};
    auto& passes = work.last.contexts;
    // Both passes have the same text unless it changes from step to step.
    auto& kept = passes[passes[0].has(text) ? 0 : static_cast<std::size_t>(keys.pass)];
    return kept.get(text, [&] {
        TextEncoder& text_encoder = work.model.text_encoder(keys, work.callbacks, work.stop);
        const StageReport report(work.callbacks, Stage::text);
        Contexts contexts(tokens, text_encoder, work.stop);
        report.done();
        return contexts;
    });
}

const std::vector<float>& encode_picture(const Picture& picture, const NetworkKeys& keys, const Work& work) {
    return work.last.moments.get(picture, [&] { return moments_of(to_network(picture), keys, work); });
}

const std::vector<float>& encode_shown(const std::vector<float>& shown, const NetworkKeys& keys, const Work& work) {
    return work.last.shown_moments.get(shown, [&] { return moments_of(shown, keys, work); });
}

}  // namespace easel
