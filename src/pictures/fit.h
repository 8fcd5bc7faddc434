#pragma once

#include <easel/picture.h>

namespace easel {

/// What lies in a box of the picture, which must be inside it.
Picture cropped(const Picture& picture, int left, int top, int width, int height);
/// The same for a mask.
Mask cropped(const Mask& mask, int left, int top, int width, int height);

/// How a picture is brought to a size of another aspect.
enum class Fit {
    /// Each side by itself.
    stretch,
    /// Scaled until it covers the size; what is beyond is cut off, as much on either side.
    crop,
    /// Scaled until it fits in; what is left is filled with the colours of its edges.
    fill
};

/// The picture at that size, by resize_lanczos(). Both sides must be at least 1.
Picture fitted(const Picture& picture, int width, int height, Fit fit);
/// The same for a mask.
Mask fitted(const Mask& mask, int width, int height, Fit fit);

}  // namespace easel
