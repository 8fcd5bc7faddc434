#include "pipeline/refiner.h"

#include <cmath>

#include "base/error.h"
#include "base/files.h"

namespace easel {

EngineOptions options_of_refiner(const EngineOptions& options) {
    if (!path_exists(options.refiner))
        fail(ErrorKind::not_found, "`refiner` {}: there is no such file or folder", options.refiner.string());
    EngineOptions its = options;
    its.model = options.refiner;
    its.refiner.clear();
    // These are the other model's, which also decodes; previews are of both.
    its.tokenizer.clear();
    its.vae.clear();
    its.taesd.clear();
    return its;
}

void check_refines(const ModelFacts& model, const ModelFacts& refiner) {
    const std::string path = refiner.identity.path.string();
    const LatentSpace &theirs = model.latents, &own = refiner.latents;
    const bool is_same_space = theirs.channels == own.channels && theirs.downsampling == own.downsampling &&
                               std::abs(theirs.scaling_factor - own.scaling_factor) < 1e-6;
    if (!is_same_space)
        fail(ErrorKind::unsupported,
             "`refiner` {}: is a {} model, which cannot go on with the latents of {}, a {} model; give one of that "
             "family "
             "or its refiner",
             path, refiner.identity.family, model.identity.name, model.identity.family);
    if (refiner.edits_pictures() || refiner.masking == Masking::in_the_unet)
        fail(ErrorKind::unsupported, "`refiner` {}: is {} model, which cannot go on with what another has begun", path,
             refiner.edits_pictures() ? "an InstructPix2Pix" : "an inpainting");
}

}  // namespace easel
