#include "pictures/blur.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "pictures/separable.h"

namespace easel {
namespace {

AxisFilter gaussian_filter(int size, double sigma) {
    const int radius = static_cast<int>(std::ceil(3 * sigma));
    AxisFilter filter;
    std::vector<double> weights;
    for (int i = 0; i < size; ++i) {
        const int first = std::max(0, i - radius);
        const int last = std::min(size - 1, i + radius);
        weights.clear();
        for (int x = first; x <= last; ++x) weights.push_back(std::exp((x - i) * (i - x) / (2 * sigma * sigma)));
        filter.add(first, weights);
    }
    return filter;
}

}  // namespace

Mask blur(const Mask& mask, double sigma) {
    if (!(sigma >= 0 && sigma <= 1000)) fail_usage("a mask is blurred by 0 to 1000 pixels, not by {}", sigma);
    if (sigma == 0) return mask;
    Mask result = mask;
    result.pixels = gaussian_filter(mask.width, sigma).along_rows(result.pixels, mask.width, 1);
    result.pixels = gaussian_filter(mask.height, sigma).along_columns(result.pixels, mask.height);
    return result;
}

}  // namespace easel
