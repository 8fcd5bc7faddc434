#pragma once

#include <easel/easel.h>

#include "settings/settings.h"
#include "weights/model_facts.h"

namespace easel {

/// The second pass that the request asks for, once the first one is complete. Throws Error about the field that makes
/// no sense.
SecondPass second_pass(const Settings& settings, const Request& request, const ModelFacts& facts);

/// What decides the second pass alone, from its init latents or picture on: image to image at its size, which goes on
/// where the first pass has ended. `settings.second` must be there.
Settings settings_of_second_pass(const Settings& settings);

}  // namespace easel
