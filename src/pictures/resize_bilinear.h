#pragma once

#include <vector>

#include <easel/picture.h>

namespace easel {

/// Values from 0 to 1, rows from the top: [height, width, channels].
struct FloatImage {
    int width = 0;
    int height = 0;
    int channels = 1;
    std::vector<float> values;
};

/// Where output pixel i of an axis is read, with scale = inputs / outputs and counted from the centre of the first
/// pixel. The names are those of ONNX's operator Resize.
enum class Coordinates {
    /// (i + 0.5) scale - 0.5: the edges of both images coincide, as in most programs.
    half_pixel,
    /// i scale: the centres of both first pixels coincide.
    asymmetric,
};

/// The picture, values divided by 255, stretched to that size. Each output pixel is mixed from the four inputs around
/// the place where it is read, also when shrinking; beyond the edge the edge is repeated.
/// Throws Error of kind bad_request if a side of either is below 1.
FloatImage resize_bilinear(const Picture& picture, int width, int height, Coordinates coordinates);

/// The same for an image of floats.
FloatImage resize_bilinear(const FloatImage& image, int width, int height, Coordinates coordinates);

}  // namespace easel
