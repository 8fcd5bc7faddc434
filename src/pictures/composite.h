#pragma once

#include <easel/picture.h>

namespace easel {

/// `drawn` pasted over `original` under a mask of the same size: where the mask is 0 the original bit for bit, where
/// it is 255 the drawn picture bit for bit, between the two their mean weighted by mask / 255.
/// Throws Error when the sizes differ.
Picture composite(const Picture& original, const Picture& drawn, const Mask& mask);

}  // namespace easel
