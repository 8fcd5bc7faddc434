#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "diffusion/sampler.h"
#include "pipeline/guidance.h"
#include "pipeline/image_prompts.h"
#include "pipeline/model.h"
#include "pipeline/prompts.h"
#include "settings/settings.h"

namespace easel {

/// One of the passes in which a picture is drawn, ready to begin.
struct Pass {
    Settings settings;
    PromptTokens tokens;
    Guidance guidance;
    /// Pictures that prompt beside the words.
    std::vector<OpenIpAdapter> image_prompts;
    NetworkKeys keys;
    std::unique_ptr<Sampler> sampler;
    /// The index of the sampler's first timestep that is used.
    std::size_t first = 0;
    /// Predictions of the passes before this one, and of all.
    int predictions_before = 0, all_predictions = 0;

    int predictions() const { return static_cast<int>(sampler->timesteps().size() - first); }
};

}  // namespace easel
