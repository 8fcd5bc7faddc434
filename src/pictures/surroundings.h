#pragma once

#include <easel/picture.h>

namespace easel {

/// The picture with what is white in a mask of the same size replaced by the colours around it, from far and blurred in
/// the middle to near and sharp at the edge; between black and white a mixture. What is black stays to the bit. As
/// AUTOMATIC1111's web UI fills before it repaints: blurs of standard deviation 256, 64, 16, 4 and 2 of what is kept,
/// one over the other, each as opaque as it has kept pixels near. Throws Error when the sizes differ.
Picture filled_from_surroundings(const Picture& picture, const Mask& mask);

}  // namespace easel
