#pragma once

#include <easel/picture.h>

namespace easel {

/// The picture at another size, by the Lanczos filter of half-width 3 (widened by the scale when shrinking), byte for
/// byte as Pillow's resize with LANCZOS gives it: horizontal pass, then vertical, 8-bit values between the two.
/// Both sides must be at least 1. The same size gives the same picture.
Picture resize_lanczos(const Picture& picture, int width, int height);

/// The same for a mask.
Mask resize_lanczos(const Mask& mask, int width, int height);

}  // namespace easel
