#pragma once

#include <easel/easel.h>

#include "settings/latent_upscaler.h"
#include "weights/model_facts.h"

namespace easel {

/// The latents at another size.
Latents resized(const Latents& latents, const LatentSize& size, const LatentUpscaler& upscaler);

}  // namespace easel
