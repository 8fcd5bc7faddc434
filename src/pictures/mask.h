#pragma once

#include <easel/picture.h>

#include "pictures/resize_bilinear.h"

namespace easel {

/// White where the only channel of `image` is above `threshold`, black elsewhere.
Mask above(const FloatImage& image, double threshold);

/// White for black and black for white.
Mask inverted(Mask mask);

/// White up to `pixels` around everything that is not black (dilation by a disc: a distance of exactly `pixels` between
/// the centres of pixels counts), black elsewhere. 0 changes nothing.
/// Throws Error of kind bad_request unless `pixels` is within 0 to 1000.
Mask grown(const Mask& mask, int pixels);

/// The picture with the white area of the mask tinted green, to judge the mask by eye. Throws Error if the sizes
/// differ.
Picture overlay(const Picture& picture, const Mask& mask);

}  // namespace easel
