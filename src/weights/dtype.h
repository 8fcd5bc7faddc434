#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace easel {

/// The element types of the safetensors format, by their names there.
enum class DType {
    BOOL,
    F4,
    F6_E2M3,
    F6_E3M2,
    U8,
    I8,
    F8_E5M2,
    F8_E4M3,
    F8_E8M0,
    F8_E4M3FNUZ,
    F8_E5M2FNUZ,
    I16,
    U16,
    F16,
    BF16,
    I32,
    U32,
    F32,
    C64,
    F64,
    I64,
    U64,
};

/// The name in a file ("BF16").
std::string_view name(DType dtype);
/// The type of that name, or none.
std::optional<DType> dtype_of_name(std::string_view name);
/// Bits of one element: 4 to 64. Elements of less than a byte are packed.
std::uint64_t bit_size(DType dtype);

}  // namespace easel
