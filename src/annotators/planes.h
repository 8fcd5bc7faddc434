#pragma once

#include <cstddef>
#include <vector>

#include <easel/picture.h>

namespace easel {

/// A picture's channels as floating-point numbers, each height x width.
struct Planes {
    int width = 0, height = 0;
    std::vector<std::vector<float>> channels;
};

Planes planes_of(const Picture& picture);

/// Each channel softened by a Gaussian of that standard deviation. As OpenCV's GaussianBlur of floats: cut off at 4
/// sigma, and mirrored at the edges, whose pixels are not repeated.
Planes blurred(const Planes& planes, double sigma);

/// Of each pixel the least of a - b among its channels.
std::vector<float> least_difference(const Planes& a, const Planes& b);

/// A grey picture of these values, rounded and cut off at 0 and 255.
Picture grey_picture(int width, int height, const std::vector<float>& values);

}  // namespace easel
