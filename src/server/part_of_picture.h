#pragma once

#include <easel/picture.h>

#include "server/drawing.h"

namespace easel::server {

/// The part of a picture to draw so that what is white in `mask` is repainted at a size of width x height: the mask's
/// box, `padding` pixels wider on each side and then as far as needed to have the aspect of that size, as
/// AUTOMATIC1111's web UI does for "only masked". The whole picture where the mask is black.
Box box_to_draw(const Mask& mask, int padding, int width, int height);

/// The whole picture with what was drawn put into its box, where the mask is not black.
Picture put_back(const PartOf& part, const Picture& drawn);

}  // namespace easel::server
