#include "weights/half.h"

#include <bit>

namespace easel {

std::uint16_t f16_from(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t sign = (bits >> 16) & 0x8000;
    const std::uint32_t size = bits & 0x7fffffff;
    std::uint32_t rounded = 0;
    if (size > 0x7f800000) {
        rounded = 0x7e00;  // not a number
    } else if (size >= 0x477ff000) {
        rounded = 0x7c00;  // from 65520 on, the middle between the greatest f16 and the next step
    } else if (size < 0x38800000) {
        // Below 2^-14 the steps of f16 are 2^-24, which are those of an f32 from 0.5 to 1: the sum is rounded to them.
        rounded = std::bit_cast<std::uint32_t>(std::bit_cast<float>(size) + 0.5f) - std::bit_cast<std::uint32_t>(0.5f);
    } else {
        // 13 bits fewer; what is carried out of the fraction goes into the exponent, whose bias is smaller by 112.
        rounded = (size + 0xfff + ((size >> 13) & 1) - (112u << 23)) >> 13;
    }
    return static_cast<std::uint16_t>(sign | rounded);
}

float from_f16(std::uint16_t bits) {
    const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000) << 16;
    const std::uint32_t exponent = (bits >> 10) & 0x1f;
    const std::uint32_t fraction = bits & 0x3ff;
    if (exponent == 0) {
        const float size = static_cast<float>(fraction) * 0x1p-24f;
        return sign ? -size : size;
    }
    const std::uint32_t wide_exponent = exponent == 0x1f ? 0xff : exponent + 112;
    return std::bit_cast<float>(sign | (wide_exponent << 23) | (fraction << 13));
}

std::uint16_t bf16_from(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    if ((bits & 0x7fffffff) > 0x7f800000) return static_cast<std::uint16_t>((bits >> 16) | 0x40);
    return static_cast<std::uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

float from_bf16(std::uint16_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }

}  // namespace easel
