#pragma once

#include <stop_token>

#include <easel/easel.h>

#include "pipeline/model.h"

namespace easel {

/// The options to open the refiner with that those of the model name. Throws Error if there is no such file.
EngineOptions options_of_refiner(const EngineOptions& options);

/// Throws Error of kind `unsupported`, naming what it is, unless `refiner` can go on with the latents of `model`.
void check_refines(const ModelFacts& model, const ModelFacts& refiner);

}  // namespace easel
