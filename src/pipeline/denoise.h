#pragma once

#include <vector>

#include "diffusion/sampler.h"
#include "pipeline/contexts.h"
#include "pipeline/controls.h"
#include "pipeline/pass.h"
#include "pipeline/start.h"
#include "pipeline/work.h"

namespace easel {

/// Where the reverse diffusion ended.
struct Denoised {
    std::vector<float> latents;
    /// Predictions that were made or, as Settings::step_cache allows, left out.
    int steps = 0;
    /// Whether these are the clean ones that Callbacks::finish asked for, before the pass was done.
    bool ended_early = false;
};

/// Reverse diffusion from `start` to clean latents, or to those that the end of the pass leaves. Ends early, with the
/// predicted ones, once Callbacks::finish is requested. Throws Cancelled, and NotFinite when a value is not a number.
Denoised denoise(const Start& start, const Pass& pass, const Contexts& contexts, Controls& controls,
                 const NoiseSource& noise, const Work& work);

}  // namespace easel
