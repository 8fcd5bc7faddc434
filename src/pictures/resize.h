#pragma once

#include <easel/picture.h>

namespace easel {

/// The picture at another size, by the Lanczos filter of half-width 3 (widened by the scale when shrinking), byte for
/// byte as the resize of Pillow 13 with LANCZOS gives it: two passes with 8-bit values in between, the vertical one
/// first where the picture loses more than twice as many rows as columns. Both sides must be at least 1. The same size
/// gives the same picture.
Picture resize_lanczos(const Picture& picture, int width, int height);

/// The same for a mask.
Mask resize_lanczos(const Mask& mask, int width, int height);

/// The picture scaled down to fit into a square of `side` pixels; a smaller one is returned unchanged.
Picture thumbnail(const Picture& picture, int side);

}  // namespace easel
