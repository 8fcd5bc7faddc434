#pragma once

#include <span>
#include <vector>

#include <easel/easel.h>

#include "weights/model_facts.h"

namespace easel {

/// The approximate colours of clean latents [channels, height, width], one pixel for each. No picture (0 x 0) if the
/// colours of the latent space are not known.
Picture colours_of(std::span<const float> latents, const LatentSize& size, const LatentSpace& space);

/// Whether the callbacks want previews at all.
bool are_previews_wanted(const Callbacks& callbacks);

/// Whether they want one after that step, counted from 1.
bool is_previewed(int step, const Callbacks& callbacks);

}  // namespace easel
