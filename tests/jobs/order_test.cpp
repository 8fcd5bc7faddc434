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

TEST(Parts, AreOfEqualWeightWithoutGapsAndHaveEachPieceOnce) {
    EXPECT_EQ(parts_of(std::vector<std::uint64_t>(10, 7), 3), (Order{0, 0, 0, 1, 1, 1, 1, 2, 2, 2}));
    EXPECT_EQ(parts_of(std::vector<std::uint64_t>{6, 1, 1, 1, 1, 1, 1}, 2), (Order{0, 1, 1, 1, 1, 1, 1}));
    EXPECT_EQ(parts_of(std::vector<std::uint64_t>{5, 5}, 4), (Order{1, 3})) << "more parts than pieces";
    EXPECT_EQ(parts_of(std::vector<std::uint64_t>{0, 0}, 4), (Order{0, 0}));
    EXPECT_EQ(parts_of({}, 4), Order{});
    // The largest job there is: no sum overflows.
    const std::vector<std::uint64_t> large(10'000, std::uint64_t{4096} * 4096 * 1000);
    const Order parts = parts_of(large, 10'000);
    for (std::size_t i = 0; i < parts.size(); ++i) ASSERT_EQ(parts[i], i);
}

TEST(Places, AreAtAFractionOfTheWeight) {
    const std::vector<std::uint64_t> weights = {6, 1, 1, 1, 1, 1, 1};
    EXPECT_EQ(place_in(weights, 0.0), 0u);
    EXPECT_EQ(place_in(weights, 0.1), 1u);
    EXPECT_EQ(place_in(weights, 0.5), 1u);
    EXPECT_EQ(place_in(weights, 0.75), 4u);
    EXPECT_EQ(place_in(weights, 0.99), 0u);
    EXPECT_EQ(place_in({}, 0.5), 0u);
}

}  // namespace
}  // namespace easel::jobs
