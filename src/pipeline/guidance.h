#pragma once

#include <span>

#include "settings/settings.h"

namespace easel {

/// Classifier-free guidance (Ho & Salimans 2022): for how many rows of text the noise is predicted, and how the
/// predictions become one.
struct Guidance {
    /// 1: the prompt's alone. 2: the unconditional one's, then the prompt's.
    int rows = 1;
    /// Of two rows: uncond + scale (cond - uncond).
    double scale = 1.0;

    /// The mixture of `predictions` [rows, n]; stored in `mixed` [n] if there are two rows.
    std::span<const float> mix(std::span<const float> predictions, std::span<float> mixed) const;
};

/// The guidance that the settings ask for. A scale of 1 or less leaves the unconditional row out.
Guidance guidance_of(const Settings& settings);

}  // namespace easel
