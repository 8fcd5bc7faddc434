#pragma once

#include <optional>
#include <span>
#include <vector>

#include "pipeline/prompts.h"
#include "settings/settings.h"

namespace easel {

/// Classifier-free guidance (Ho & Salimans 2022): for how many rows of text the noise is predicted, and how the
/// predictions become one.
struct Guidance {
    /// 1: the prompt's alone. Else the unconditional one's, then one for each part of the prompt; with `image_scale`
    /// there is one between them that is shown the picture but not the prompt.
    int rows = 1;
    /// Of several rows: uncond + the sum of weight scale (cond - uncond).
    double scale = 1.0;
    /// Of InstructPix2Pix (Brooks et al. 2022, Eq. 3): uncond + image_scale (image - uncond) + the sum of weight scale
    /// (cond - image).
    std::optional<double> image_scale = {};
    /// Of the parts (Liu et al. 2022); empty: one of weight 1.
    std::vector<double> weights = {};
    /// How much of the mixture is brought to the spread of the first part's prediction (Lin et al. 2023, Eq. 15 and
    /// 16).
    double rescale = 0.0;

    /// Without its effect: the prompt's prediction alone.
    Guidance off() const;

    /// The mixture of `predictions` [rows, n]; stored in `mixed` [n] if there are several rows.
    std::span<const float> mix(std::span<const float> predictions, std::span<float> mixed) const;
};

/// The guidance that the settings ask for with these prompts. A scale of 1 or less counts as 1.
Guidance guidance_of(const Settings& settings, const PromptTokens& tokens);

}  // namespace easel
