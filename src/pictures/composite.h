#pragma once

#include <easel/picture.h>

namespace easel {

/// `drawn` pasted over `original` under a mask of the same size: bit for bit the original where the mask is 0 and the
/// drawn picture where it is 255, in between their mean weighted by mask / 255. Throws Error when the sizes differ.
Picture composite(const Picture& original, const Picture& drawn, const Mask& mask);

}  // namespace easel
