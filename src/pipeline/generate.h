#pragma once

#include <stop_token>

#include <easel/easel.h>

#include "pipeline/work.h"
#include "settings/settings.h"

namespace easel {

/// Draws one picture: the whole of text to image, image to image and masked image to image. `settings` are complete()d
/// for this model and `refiner`, which may be null; its prompts are read here. See Engine::generate().
Result generate(Settings settings, OpenedModel& opened_model, OpenedModel* refiner, const Callbacks& callbacks,
                const std::stop_token& stop);

}  // namespace easel
