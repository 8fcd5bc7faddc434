#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace easel {

/// A way to enlarge latents between two passes, as torch's `interpolate` computes it with align_corners=False.
struct LatentUpscaler {
    std::string_view name;
    /// AUTOMATIC1111's.
    std::string_view web_ui_name;
    enum class Filter { nearest, nearest_exact, linear, cubic } filter;
    /// Whether the filter grows with the scale when shrinking; the cubic's is another one (a = -0.5 in place of -0.75).
    bool antialiases = false;
};

inline constexpr std::array latent_upscalers = {
    LatentUpscaler{"latent_bilinear", "Latent", LatentUpscaler::Filter::linear},
    LatentUpscaler{"latent_bilinear_antialiased", "Latent (antialiased)", LatentUpscaler::Filter::linear, true},
    LatentUpscaler{"latent_bicubic", "Latent (bicubic)", LatentUpscaler::Filter::cubic},
    LatentUpscaler{"latent_bicubic_antialiased", "Latent (bicubic antialiased)", LatentUpscaler::Filter::cubic, true},
    LatentUpscaler{"latent_nearest", "Latent (nearest)", LatentUpscaler::Filter::nearest},
    LatentUpscaler{"latent_nearest_exact", "Latent (nearest-exact)", LatentUpscaler::Filter::nearest_exact},
};

/// Enlarges the decoded picture instead.
inline constexpr std::string_view lanczos_upscaler = "lanczos", lanczos_web_ui_name = "Lanczos";

inline bool is_lanczos(std::string_view name) { return name == lanczos_upscaler || name == lanczos_web_ui_name; }

/// Null if there is none of that name, in easel or in the web UI.
inline const LatentUpscaler* latent_upscaler(std::string_view name) {
    const auto* const found = std::ranges::find_if(
        latent_upscalers, [&](const LatentUpscaler& row) { return row.name == name || row.web_ui_name == name; });
    return found == latent_upscalers.end() ? nullptr : found;
}

}  // namespace easel
