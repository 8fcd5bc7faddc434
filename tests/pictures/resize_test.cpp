#include "pictures/resize.h"

#include <gtest/gtest.h>

#include "pictures/read.h"

namespace easel {
namespace {

TEST(Resize, ShrinksToTheBytesOfPillowsLanczos) {
    const Picture resized = resize_lanczos(read_picture("golden/inputs/init_160x120.png"), 96, 64);
    EXPECT_EQ(resized.width, 96);
    EXPECT_EQ(resized.height, 64);
    EXPECT_EQ(resized.pixels, read_picture("golden/inputs/init_160x120_to_96x64.png").pixels);
}

TEST(Resize, EnlargesToTheBytesOfPillowsLanczos) {
    const Picture resized = resize_lanczos(read_picture("golden/inputs/init_48x40.png"), 72, 88);
    EXPECT_EQ(resized.pixels, read_picture("golden/inputs/init_48x40_to_72x88.png").pixels);
}

}  // namespace
}  // namespace easel
