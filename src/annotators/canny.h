#pragma once

#include <easel/picture.h>

#include "annotators/annotators.h"

namespace easel {

/// White edges on black (Canny 1986), pixel for pixel as OpenCV's Canny(picture, low, high) finds them: Sobel gradients
/// of the channel that changes most, sums of absolute values, and no blur before.
Picture canny(const Picture& picture, const AnnotatorOptions& options);

}  // namespace easel
