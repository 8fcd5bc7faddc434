#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "weights/dtype.h"

namespace easel {

/// Whether a tensor of that type holds numbers to compute with: F32, F16 or BF16.
bool is_float(DType dtype);

/// The values of a tensor of such a type; it need not be aligned. `values` has room for all, and no more.
void read_as(DType dtype, std::span<const std::byte> bytes, std::span<float> values);
/// The same as a new vector.
std::vector<float> floats_of(std::span<const std::byte> bytes, DType dtype);

/// The reverse, rounded to the nearest; beyond the type's range infinite. `bytes` has room for all values.
void write_as(DType dtype, std::span<const float> values, std::span<std::byte> bytes);
/// The same as new bytes.
std::vector<std::byte> bytes_of(std::span<const float> values, DType dtype);

}  // namespace easel
