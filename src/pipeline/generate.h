#pragma once

#include <stop_token>

#include <easel/easel.h>

#include "pipeline/model.h"

namespace easel {

/// Draws one picture: the whole of text to image, image to image and masked image to image. See Engine::generate().
Result generate(const Request& request, Model& model, const Callbacks& callbacks, std::stop_token stop);

}  // namespace easel
