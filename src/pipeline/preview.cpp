#include "pipeline/preview.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace easel {

Picture colours_of(std::span<const float> latents, const LatentSize& size, const LatentSpace& space) {
    if (space.colours.empty()) return {};
    const std::size_t plane = static_cast<std::size_t>(size.height) * static_cast<std::size_t>(size.width);
    Picture picture{.width = size.width, .height = size.height, .pixels = std::vector<std::uint8_t>(3 * plane)};
    for (std::size_t i = 0; i < plane; ++i)
        for (std::size_t colour = 0; colour < 3; ++colour) {
            float value = 0.0f;
            for (std::size_t channel = 0; channel < space.colours.size(); ++channel)
                value += space.colours[channel][colour] * latents[channel * plane + i];
            const float unit = std::clamp(value / 2.0f + 0.5f, 0.0f, 1.0f);
            // NaN passes through clamp() and must not reach the conversion.
            picture.pixels[3 * i + colour] =
                std::isnan(unit) ? std::uint8_t{0} : static_cast<std::uint8_t>(std::lround(unit * 255.0f));
        }
    return picture;
}

bool are_previews_wanted(const Callbacks& callbacks) { return callbacks.progress && callbacks.preview_every > 0; }

bool is_previewed(int step, const Callbacks& callbacks) {
    return are_previews_wanted(callbacks) && step % callbacks.preview_every == 0;
}

}  // namespace easel
