#include "pipeline/previews.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "pipeline/latents.h"
#include "pipeline/preview.h"
#include "pipeline/tiled_vae.h"

namespace easel {

Previews::Previews(const Pass& pass, const Work& work) : pass_(pass), work_(work) {
    if (work.model.decodes_previews(work.callbacks))
        decoder_ = &work.model.preview_decoder(pass.keys, work.callbacks, work.stop);
}

Preview Previews::of(std::vector<float> clean) const {
    const LatentSize& size = pass_.keys.latents;
    const LatentSpace& space = work_.space();
    Picture picture = decoder_ ? decoded(clean) : colours_of(clean, size, space);
    return {
        .latents = {.channels = space.channels, .height = size.height, .width = size.width, .values = std::move(clean)},
        .picture = std::move(picture)};
}

Picture Previews::decoded(const std::vector<float>& clean) const {
    const auto is_no_number = [](float value) { return !std::isfinite(value); };
    std::vector<float> values =
        decode_tiles(clean, pass_.keys.latents, pass_.keys.vae_tile, work_.space(), *decoder_, work_.stop);
    // The picture itself may be sound, and is drawn.
    if (std::ranges::any_of(values, is_no_number)) {
        const std::string note = "what `preview_taesd` decodes is not a number in places, which are black in previews";
        if (work_.model.is_first_time_of(note)) work_.note(note);
        std::ranges::replace_if(values, is_no_number, -1.0f);
    }
    return from_network(values, pass_.settings.size.width, pass_.settings.size.height);
}

}  // namespace easel
