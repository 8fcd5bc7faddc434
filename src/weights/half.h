#pragma once

#include <cstdint>

/// Conversions between f32 and 16-bit numbers (as bits). Rounded to nearest, ties to even; beyond the range infinite.
namespace easel {

/// IEEE 754 binary16.
std::uint16_t f16_from(float value);
float from_f16(std::uint16_t bits);

/// The upper half of an f32.
std::uint16_t bf16_from(float value);
float from_bf16(std::uint16_t bits);

}  // namespace easel
