#include "pipeline/latents.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "base/error.h"

namespace easel {
namespace {

/// A pixel of a mask from here on is to be repainted, where the mask is thresholded.
constexpr int least_white = 128;

/// A latent mask whose value for the cell at (row, column) is what `repaint(row, column)` says.
template <typename Repaint>
LatentMask each_cell(const Mask& mask, int downsampling, Repaint repaint) {
    LatentMask cells;
    for (int row = 0; row < mask.height / downsampling; ++row)
        for (int column = 0; column < mask.width / downsampling; ++column)
            cells.values.push_back(repaint(row, column) ? 1.0f : 0.0f);
    return cells;
}

int pixel(const Mask& mask, int y, int x) {
    return mask
        .pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(mask.width) + static_cast<std::size_t>(x)];
}

}  // namespace

std::vector<float> to_network(const Picture& picture) {
    const std::size_t plane = static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height);
    std::vector<float> values(3 * plane);
    for (std::size_t i = 0; i < plane; ++i)
        for (std::size_t channel = 0; channel < 3; ++channel)
            values[channel * plane + i] = static_cast<float>(picture.pixels[3 * i + channel]) / 127.5f - 1.0f;
    return values;
}

Picture from_network(std::span<const float> values, int width, int height) {
    check_finite(values, "in the decoded picture");
    const std::size_t plane = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
    Picture picture{width, height, std::vector<std::uint8_t>(3 * plane)};
    for (std::size_t i = 0; i < plane; ++i)
        for (std::size_t channel = 0; channel < 3; ++channel) {
            const float unit = std::clamp(values[channel * plane + i] / 2.0f + 0.5f, 0.0f, 1.0f);
            picture.pixels[3 * i + channel] = static_cast<std::uint8_t>(std::nearbyint(unit * 255.0f));
        }
    return picture;
}

std::vector<float> sample_latents(std::span<const float> moments, const LatentSpace& space, const NoiseSource& noise) {
    if (space.encoder_gives_latents) return {moments.begin(), moments.end()};
    const std::size_t count = moments.size() / 2;
    std::vector<float> latents(count);
    noise(latents);
    const auto scaling_factor = static_cast<float>(space.scaling_factor);
    const auto shift_factor = static_cast<float>(space.shift_factor);
    for (std::size_t i = 0; i < count; ++i) {
        const float deviation = std::exp(0.5f * std::clamp(moments[count + i], -30.0f, 20.0f));
        latents[i] = (moments[i] + deviation * latents[i] - shift_factor) * scaling_factor;
    }
    return latents;
}

std::vector<float> mode_of(std::span<const float> moments, const LatentSpace& space) {
    // The second half are the logarithms of the variances.
    const auto means = space.encoder_gives_latents ? moments : moments.first(moments.size() / 2);
    return {means.begin(), means.end()};
}

std::vector<float> unscaled_latents(std::span<const float> latents, const LatentSpace& space) {
    std::vector<float> unscaled(latents.begin(), latents.end());
    if (space.decoder_unscales) return unscaled;
    for (float& value : unscaled)
        value = value / static_cast<float>(space.scaling_factor) + static_cast<float>(space.shift_factor);
    return unscaled;
}

LatentMask nearest_latent_mask(const Mask& mask, int downsampling) {
    return each_cell(mask, downsampling, [&](int row, int column) {
        return pixel(mask, row * downsampling, column * downsampling) >= least_white;
    });
}

LatentMask covering_latent_mask(const Mask& mask, int downsampling) {
    return each_cell(mask, downsampling, [&](int row, int column) {
        for (int y = row * downsampling; y < (row + 1) * downsampling; ++y)
            for (int x = column * downsampling; x < (column + 1) * downsampling; ++x)
                if (pixel(mask, y, x) > 0) return true;
        return false;
    });
}

void set_masked_content(std::span<float> latents, const LatentMask& mask, MaskedContent content,
                        std::span<const float> noise) {
    if (content != MaskedContent::latent_noise && content != MaskedContent::latent_nothing) return;
    const std::size_t plane = mask.values.size();
    for (std::size_t i = 0; i < latents.size(); ++i)
        if (mask.values[i % plane] > 0.0F) latents[i] = content == MaskedContent::latent_noise ? noise[i] : 0.0F;
}

std::vector<float> with_hole(std::vector<float> values, const Mask& mask) {
    const std::size_t plane = mask.pixels.size();
    for (std::size_t i = 0; i < values.size(); ++i)
        if (mask.pixels[i % plane] >= least_white) values[i] = 0.0F;
    return values;
}

void keep_known(std::span<float> latents, std::span<const float> known, const LatentMask& mask) {
    const std::size_t plane = mask.values.size();
    for (std::size_t i = 0; i < latents.size(); ++i) {
        const float m = mask.values[i % plane];
        latents[i] = (1.0f - m) * known[i] + m * latents[i];
    }
}

void check_finite(std::span<const float> values, const std::string& when) {
    if (std::ranges::all_of(values, [](float value) { return std::isfinite(value); })) return;
    throw NotFinite(
        ErrorKind::failed,
        fmt::format(
            "the numbers overflowed {}: the model cannot be computed with these settings; try the `precision` f32",
            when));
}

}  // namespace easel
