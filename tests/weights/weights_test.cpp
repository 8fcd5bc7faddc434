#include "weights/weights.h"

#include <cstring>
#include <limits>
#include <memory>

#include <gtest/gtest.h>

#include "support/files.h"

namespace easel {
namespace {

using testing::expect_says;
using testing::sentence_of;

/// A weight of f32 that owns its values.
Weight weight_of(const std::string& name, std::vector<std::int64_t> shape, const std::vector<float>& values) {
    const auto bytes = std::make_shared<std::vector<std::byte>>(values.size() * sizeof(float));
    std::memcpy(bytes->data(), values.data(), bytes->size());
    return {.name = name, .dtype = DType::F32, .shape = std::move(shape), .bytes = *bytes, .owner = bytes};
}

std::vector<float> values_of(const Weight& weight) {
    std::vector<float> values(weight.bytes.size() / sizeof(float));
    std::memcpy(values.data(), weight.bytes.data(), weight.bytes.size());
    return values;
}

const Weight fused = weight_of("in_proj", {6, 2}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});

TEST(WeightsOfANetwork, AreCutByRowsInPlace) {
    const Weight keys = rows_of(fused, 2, 2);
    EXPECT_EQ(keys.shape, (std::vector<std::int64_t>{2, 2}));
    EXPECT_EQ(values_of(keys), (std::vector<float>{4, 5, 6, 7}));
    EXPECT_EQ(keys.bytes.data(), fused.bytes.data() + 16);
    EXPECT_EQ(values_of(rows_of(weight_of("b", {3}, {1, 2, 3}), 2, 1)), std::vector<float>{3});
    for (const auto& [first, count] : {std::pair<std::int64_t, std::int64_t>(5, 2),
                                       {-1, 2},
                                       {0, 0},
                                       {0, 7},
                                       {std::numeric_limits<std::int64_t>::max(), 1}})
        expect_says(sentence_of([&, f = first, c = count] { rows_of(fused, f, c); }), {"in_proj", "[6, 2]"});
    expect_says(sentence_of([] { rows_of(weight_of("scalar", {}, {1}), 0, 1); }), {"scalar"});
}

TEST(WeightsOfANetwork, AreTransposed) {
    const Weight matrix = transposed(weight_of("p", {2, 3}, {1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(matrix.shape, (std::vector<std::int64_t>{3, 2}));
    EXPECT_EQ(values_of(matrix), (std::vector<float>{1, 4, 2, 5, 3, 6}));
    expect_says(sentence_of([] { transposed(weight_of("p", {6}, {1, 2, 3, 4, 5, 6})); }), {"p", "[6]", "matrix"});
}

TEST(WeightsOfANetwork, AreTakenAsTheTransformsMakeThem) {
    Weights weights("UNet", "/a/model");
    weights.add(weight_of("a", {1}, {1}));
    weights.add(weight_of("b", {1}, {10}));
    const auto plus = [](float more) {
        return [more](Weight weight) {
            return weight.name == "a" ? weight_of("a", {1}, {2 * values_of(weight).front() + more}) : weight;
        };
    };
    const Weights changed = weights.with(plus(1)).with(plus(5));
    EXPECT_EQ(values_of(changed.at("a")), std::vector<float>{11});
    EXPECT_EQ(values_of(changed.at("b")), std::vector<float>{10});
    EXPECT_EQ(values_of(*changed.find("a")), std::vector<float>{1});
    EXPECT_EQ(values_of(weights.at("a")), std::vector<float>{1});
}

TEST(WeightsOfANetwork, ThatAreNotFiniteAreFound) {
    Weights weights("UNet", "/a/model", [](std::string_view name) { return "unet." + std::string(name); });
    weights.add(weight_of("a", {2}, {1, std::numeric_limits<float>::max()}));
    EXPECT_EQ(weight_that_is_not_finite(weights), std::nullopt);
    weights.add(weight_of("b", {2}, {1, std::numeric_limits<float>::quiet_NaN()}));
    EXPECT_EQ(weight_that_is_not_finite(weights), "unet.b");
    Weight half = weight_of("a", {2}, {0});
    half.dtype = DType::F16;
    const auto bytes = std::make_shared<std::vector<std::byte>>(4);
    (*bytes)[3] = std::byte{0x7C};
    half.bytes = *bytes;
    half.owner = bytes;
    weights.add(half);
    EXPECT_EQ(weight_that_is_not_finite(weights), "unet.a");
}

}  // namespace
}  // namespace easel
