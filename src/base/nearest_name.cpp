#include "base/nearest_name.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

namespace easel {
namespace {

/// The number of letters to change, add or take away to make one word the other (Levenshtein 1966).
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), 0u);
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

}  // namespace

std::string nearest_name(std::span<const std::string> names, std::string_view name) {
    std::string nearest;
    std::size_t least = 1 + name.size() / 3;
    for (const std::string& candidate : names)
        if (const std::size_t distance = edit_distance(name, candidate); distance < least) {
            least = distance;
            nearest = candidate;
        }
    return nearest;
}

}  // namespace easel
