#pragma once

#include <easel/picture.h>

namespace easel {

/// The mask softened by a Gaussian of standard deviation `sigma` pixels, cut off at 3 sigma: a pixel with only black
/// (or only white) that near stays exactly black (or white). Nothing beyond the edges counts. 0 changes nothing.
/// Throws Error of kind bad_request unless `sigma` is within 0 to 1000.
Mask blur(const Mask& mask, double sigma);

}  // namespace easel
