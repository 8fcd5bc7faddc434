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
    /// That of predictions outside of the part of the steps in which guidance acts.
    Guidance guidance_outside;
    /// Pictures that prompt beside the words.
    std::vector<OpenIpAdapter> image_prompts;
    NetworkKeys keys;
    std::unique_ptr<Sampler> sampler;
    /// The indices of the sampler's first timestep that is used, and of the one behind the last.
    std::size_t first = 0, end = 0;
    /// Where changes in the prompt begin to count: at `first`, or where the model began whose pass this one ends.
    std::size_t text_first = 0;
    /// Whether another model goes on with what this pass leaves.
    bool is_handed_over = false;
    /// Predictions of the passes before this one, and of all.
    int predictions_before = 0, all_predictions = 0;

    int predictions() const { return static_cast<int>(end - first); }
    /// Whether guidance acts on the prediction at the sampler's timestep `i`.
    bool is_guided(std::size_t i) const;
};

}  // namespace easel
