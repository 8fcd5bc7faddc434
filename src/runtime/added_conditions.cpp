#include "runtime/added_conditions.h"

#include <algorithm>

#include "base/error.h"

namespace easel {

void write_added_conditions(const Conditioning& conditioning, std::size_t rows,
                            const std::function<std::vector<float>(double)>& encode_size, std::span<float> input) {
    const auto all = static_cast<std::size_t>(conditioning.rows);
    const std::size_t pooled = conditioning.pooled.size() / all, sizes = conditioning.size_ids.size() / all;
    std::vector<float> added;
    for (std::size_t row = all - rows; row < all; ++row) {
        const auto begin = conditioning.pooled.begin() + static_cast<std::ptrdiff_t>(row * pooled);
        added.insert(added.end(), begin, begin + static_cast<std::ptrdiff_t>(pooled));
        for (std::size_t i = 0; i < sizes; ++i) {
            const std::vector<float> values = encode_size(conditioning.size_ids[row * sizes + i]);
            added.insert(added.end(), values.begin(), values.end());
        }
    }
    if (added.size() != input.size())
        fail("the added conditions have {} numbers, but the network takes {}", added.size(), input.size());
    std::ranges::copy(added, input.begin());
}

}  // namespace easel
