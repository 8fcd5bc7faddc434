#include "base/kept.h"

#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace easel {
namespace {

TEST(Kept, IsMadeOnceForAKey) {
    Kept<std::string, int> kept;
    int made = 0;
    const auto make = [&] { return std::to_string(++made); };
    EXPECT_FALSE(kept.has(5));
    EXPECT_EQ(kept.get(5, make), "1");
    EXPECT_EQ(kept.get(5, make), "1");
    EXPECT_TRUE(kept.has(5));
    EXPECT_EQ(kept.get(6, make), "2");
    EXPECT_FALSE(kept.has(5));
    kept.drop();
    EXPECT_FALSE(kept);
    EXPECT_EQ(kept.get(6, make), "3");
}

TEST(Kept, DropsTheOldValueBeforeTheNewOneIsMade) {
    Kept<std::string, int> kept;
    kept.get(1, [] { return "one"; });
    EXPECT_EQ(kept.get(2, [&] { return kept ? "kept" : "dropped"; }), "dropped");
}

TEST(Kept, HasNothingAfterMakingFailed) {
    Kept<std::string, int> kept;
    kept.get(1, [] { return "one"; });
    EXPECT_THROW(kept.get(2, []() -> std::string { throw std::runtime_error("broken"); }), std::runtime_error);
    EXPECT_FALSE(kept);
}

}  // namespace
}  // namespace easel
