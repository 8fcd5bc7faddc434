#include "weights/half.h"

#include <bit>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace easel {
namespace {

TEST(Half, EveryF16ComesBackAsItWas) {
    for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
        const auto half = static_cast<std::uint16_t>(bits);
        const float value = from_f16(half);
        if (std::isnan(value))
            EXPECT_TRUE(std::isnan(from_f16(f16_from(value))));
        else
            EXPECT_EQ(f16_from(value), half) << bits;
    }
}

TEST(Half, F16ValuesAreThoseOfTheStandard) {
    EXPECT_EQ(from_f16(0x3c00), 1.0f);
    EXPECT_EQ(from_f16(0x7bff), 65504.0f);
    EXPECT_EQ(from_f16(0x0001), 0x1p-24f);
    EXPECT_EQ(from_f16(0x0400), 0x1p-14f);
    EXPECT_EQ(from_f16(0xc000), -2.0f);
    EXPECT_EQ(from_f16(0x7c00), std::numeric_limits<float>::infinity());
    EXPECT_TRUE(std::signbit(from_f16(0x8000)));
}

TEST(Half, F16IsTheNearestTiesToEven) {
    // Between each number and the next: just below the middle, the middle, just above.
    for (std::uint16_t bits = 0; bits < 0x7bff; ++bits) {
        const float middle = (from_f16(bits) + from_f16(bits + 1)) / 2;  // exact in f32
        EXPECT_EQ(f16_from(std::nextafter(middle, 0.0f)), bits);
        EXPECT_EQ(f16_from(middle), bits + (bits & 1));
        EXPECT_EQ(f16_from(std::nextafter(middle, 1e6f)), bits + 1);
    }
    EXPECT_EQ(f16_from(std::nextafter(65520.0f, 0.0f)), 0x7bff);
    EXPECT_EQ(f16_from(65520.0f), 0x7c00);
    EXPECT_EQ(f16_from(-1e30f), 0xfc00);
}

TEST(Half, Bf16IsTheNearestTiesToEven) {
    EXPECT_EQ(bf16_from(1.0f), 0x3f80);
    EXPECT_EQ(from_bf16(0x3f81), 1.0078125f);
    EXPECT_EQ(bf16_from(std::bit_cast<float>(0x3f808000u)), 0x3f80);
    EXPECT_EQ(bf16_from(std::bit_cast<float>(0x3f818000u)), 0x3f82);
    EXPECT_EQ(bf16_from(std::bit_cast<float>(0x3f808001u)), 0x3f81);
    EXPECT_EQ(bf16_from(std::numeric_limits<float>::max()), 0x7f80);
    EXPECT_TRUE(std::isnan(from_bf16(bf16_from(std::numeric_limits<float>::quiet_NaN()))));
}

}  // namespace
}  // namespace easel
