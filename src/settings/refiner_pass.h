#pragma once

#include <easel/easel.h>

#include "settings/settings.h"
#include "weights/model_facts.h"

namespace easel {

/// Completes `settings.refining`: how `refiner` draws the last steps of what the request asks for; nothing where it is
/// left out. The passes and their sampler must be there. Throws Error about the field that makes no sense.
void complete_refining(Settings& settings, const Request& request, const ModelFacts& facts, const ModelFacts& refiner);

/// Throws Error unless the last pass has a step to take where it ends early, and so has each model where two share it.
void check_ends(const Settings& settings);

/// What decides the refiner's part of the last pass, whose settings these are: `settings.refining` must be there. What
/// was made for the other model (LoRAs, embeddings, ControlNets, IP-Adapters, FreeU) is left out.
Settings settings_of_refining(const Settings& settings);

}  // namespace easel
