#pragma once

#include <cstddef>
#include <vector>

namespace easel {

/// Of a pixel.
inline constexpr std::size_t colours = 3;

/// An index that is not negative.
inline std::size_t at(int index) { return static_cast<std::size_t>(index); }

/// How something large is cut along a side: into tiles of at most `side`, two of which share `overlap`, where they are
/// blended.
struct Tiles {
    int side = 256;
    int overlap = 16;
};

/// Where tiles begin along a side: whole steps, and the last one ends with it.
std::vector<int> tile_starts(int length, const Tiles& tiles);

/// How much each place of a tile counts along one side: rising over the overlap where another tile comes before it,
/// falling where one comes behind it.
std::vector<float> ramp(int length, bool has_before, bool has_behind, int overlap);

}  // namespace easel
