#pragma once

#include <bit>
#include <cstdint>

/// Conversions between f32 and 16-bit numbers (as bits). Rounded to nearest, ties to even; beyond the range infinite.
/// Inline and without branches, so that a loop over them becomes vector instructions.
namespace easel {

/// `yes` or `no`, whose computing is not put behind a branch.
inline std::uint32_t select_bits(bool condition, std::uint32_t yes, std::uint32_t no) {
    const std::uint32_t mask = -static_cast<std::uint32_t>(condition);
    return (yes & mask) | (no & ~mask);
}

/// IEEE 754 binary16.
inline std::uint16_t f16_from(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t sign = (bits >> 16) & 0x8000;
    const std::uint32_t size = bits & 0x7fffffff;
    // 13 bits fewer; what is carried out of the fraction goes into the exponent, whose bias is smaller by 112.
    const std::uint32_t normal = (size + 0xfff + ((size >> 13) & 1) - (112u << 23)) >> 13;
    // Below 2^-14 the steps of f16 are 2^-24, which are those of an f32 from 0.5 to 1: the sum is rounded to them.
    const std::uint32_t small =
        std::bit_cast<std::uint32_t>(std::bit_cast<float>(size) + 0.5f) - std::bit_cast<std::uint32_t>(0.5f);
    std::uint32_t rounded = select_bits(size < 0x38800000, small, normal);
    // From 65520 on, the middle between the greatest f16 and the next step.
    rounded = select_bits(size >= 0x477ff000, 0x7c00, rounded);
    rounded = select_bits(size > 0x7f800000, 0x7e00, rounded);  // not a number
    return static_cast<std::uint16_t>(sign | rounded);
}

inline float from_f16(std::uint16_t bits) {
    const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000) << 16;
    const std::uint32_t size = static_cast<std::uint32_t>(bits & 0x7fff) << 13;
    const std::uint32_t normal = size + (112u << 23);
    const std::uint32_t small =
        std::bit_cast<std::uint32_t>(std::bit_cast<float>(size + (113u << 23)) - std::bit_cast<float>(113u << 23));
    const std::uint32_t not_finite = size + (224u << 23);
    std::uint32_t wide = select_bits(size < (1u << 23), small, normal);
    wide = select_bits(size >= (31u << 23), not_finite, wide);
    return std::bit_cast<float>(sign | wide);
}

/// The upper half of an f32.
inline std::uint16_t bf16_from(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
    const bool is_nan = (bits & 0x7fffffff) > 0x7f800000;
    return static_cast<std::uint16_t>(is_nan ? (bits >> 16) | 0x40 : rounded);
}

inline float from_bf16(std::uint16_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }

}  // namespace easel
