#pragma once

#include <optional>
#include <vector>

#include <easel/easel.h>

#include "pipeline/image_prompts.h"
#include "pipeline/open_controls.h"
#include "pipeline/pass.h"
#include "pipeline/prompts.h"
#include "pipeline/upscaler.h"

namespace easel {

/// The files that the settings name.
struct Opened {
    std::vector<NamedEmbedding> embeddings;
    std::vector<OpenControl> controls;
    std::vector<OpenIpAdapter> ip_adapters;
    NetworkChanges changes;
    /// What enlarges the picture for a second pass; null: Lanczos, or the latents are enlarged.
    Upscaler* upscaler = nullptr;
};

/// Opens them for the model. Throws Error if one is missing, broken, or does not fit.
Opened open_files(const Settings& settings, Model& model, const Callbacks& callbacks);

/// The passes in which a picture is drawn, in their order.
struct Passes {
    Pass first;
    /// At another size, from what the first one has drawn.
    std::optional<Pass> second;
    /// The end of the last of these, drawn by another model.
    std::optional<Pass> refining;

    /// The one whose size the picture has.
    Pass& last() { return second ? *second : first; }
    /// Ends with what the first one has drawn.
    void drop_later() {
        second.reset();
        refining.reset();
    }
};

/// The passes that the settings ask for. `refiner` must be there where they have a part for it.
Passes passes_of(Settings settings, const Opened& opened, const Model& model, const Model* refiner);

}  // namespace easel
