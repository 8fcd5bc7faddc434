#include "pipeline/tiles.h"

#include <algorithm>
#include <cstddef>

namespace easel {

std::vector<int> tile_starts(int length, const Tiles& tiles) {
    std::vector<int> starts;
    for (int start = 0; start + tiles.side < length; start += tiles.side - tiles.overlap) starts.push_back(start);
    starts.push_back(std::max(0, length - tiles.side));
    return starts;
}

std::vector<float> ramp(int length, bool has_before, bool has_behind, int overlap) {
    const auto count = static_cast<std::size_t>(length);
    std::vector<float> weights(count, 1.0F);
    for (std::size_t i = 0; i < std::min(static_cast<std::size_t>(overlap), count); ++i) {
        const float rising = (static_cast<float>(i) + 0.5F) / static_cast<float>(overlap);
        if (has_before) weights[i] = std::min(weights[i], rising);
        if (has_behind) weights[count - 1 - i] = std::min(weights[count - 1 - i], rising);
    }
    return weights;
}

}  // namespace easel
