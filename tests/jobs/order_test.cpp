#include "jobs/order.h"

#include <gtest/gtest.h>

namespace easel::jobs {
namespace {

using Order = std::vector<std::size_t>;

TEST(DrawingOrder, KeepsModelsAndSizesTogether) {
    const std::vector<Work> pictures = {{"a", "64"}, {"b", "64"},  {"a", "128"},
                                        {"a", "64"}, {"b", "128"}, {"a", "128"}};
    EXPECT_EQ(drawing_order(pictures), (Order{0, 3, 2, 5, 1, 4}));
}

TEST(DrawingOrder, IsThatOfTheFileOtherwise) {
    EXPECT_EQ(drawing_order(std::vector<Work>{{"b", "9"}, {"b", "1"}, {"a", "1"}}), (Order{0, 1, 2}));
    EXPECT_EQ(drawing_order({}), Order{});
}

}  // namespace
}  // namespace easel::jobs
