#include "base/nearest_name.h"

#include <vector>

#include <gtest/gtest.h>

namespace easel {
namespace {

const std::vector<std::string> flags = {"--steps", "--seed", "--strength"};

TEST(NearestNames, AreThoseWithTheFewestLettersToChange) {
    EXPECT_EQ(nearest_name(flags, "--stpes"), "--steps");
    EXPECT_EQ(nearest_name(flags, "--sed"), "--seed");
    EXPECT_EQ(nearest_name(flags, "--strenght"), "--strength");
}

TEST(NearestNames, AreNoneWhenAllAreFar) {
    EXPECT_EQ(nearest_name(flags, "--quality"), "");
    EXPECT_EQ(nearest_name({}, "--steps"), "");
}

}  // namespace
}  // namespace easel
