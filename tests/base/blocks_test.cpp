#include "base/blocks.h"

#include <atomic>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace easel {
namespace {

TEST(Blocks, CoverEverythingOnce) {
    for (const std::size_t count : {0, 1, 6, 7, 8, 1000}) {
        std::vector<std::atomic<int>> visits(count);
        for_each_block(count, 7, [&](std::size_t first, std::size_t size) {
            EXPECT_LE(size, 7u);
            for (std::size_t i = first; i < first + size; ++i) ++visits[i];
        });
        for (const auto& visit : visits) EXPECT_EQ(visit, 1);
    }
}

TEST(Blocks, PassOnWhatIsThrown) {
    std::atomic<int> begun = 0;
    const auto work = [&](std::size_t first, std::size_t) {
        ++begun;
        if (first == 10) throw std::runtime_error("ten");
    };
    EXPECT_THROW(for_each_block(100'000, 1, work), std::runtime_error);
    EXPECT_LT(begun, 100'000);
}

}  // namespace
}  // namespace easel
