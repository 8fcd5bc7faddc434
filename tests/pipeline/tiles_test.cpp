// How large pictures are cut.
#include "pipeline/tiles.h"

#include <vector>

#include <gtest/gtest.h>

namespace easel {
namespace {

TEST(TileStarts, CoverASideAndEndWithIt) {
    const Tiles tiles{.side = 24, .overlap = 8};
    EXPECT_EQ(tile_starts(10, tiles), std::vector<int>{0});
    EXPECT_EQ(tile_starts(24, tiles), std::vector<int>{0});
    EXPECT_EQ(tile_starts(25, tiles), (std::vector<int>{0, 1}));
    EXPECT_EQ(tile_starts(40, tiles), (std::vector<int>{0, 16}));
    EXPECT_EQ(tile_starts(41, tiles), (std::vector<int>{0, 16, 17}));
}

TEST(Ramps, OfTwoTilesAddUpToOne) {
    const std::vector<float> falling = ramp(6, false, true, 4), rising = ramp(6, true, false, 4);
    EXPECT_EQ(falling.front(), 1.0F);
    EXPECT_EQ(rising.back(), 1.0F);
    for (std::size_t i = 0; i < 4; ++i) EXPECT_FLOAT_EQ(falling[2 + i] + rising[i], 1.0F);
}

}  // namespace
}  // namespace easel
