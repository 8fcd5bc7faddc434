#include "weights/floats.h"

#include <cstdint>
#include <cstring>

#include "base/vector_clones.h"
#include "weights/half.h"

namespace easel {
namespace {

// That bytes and values do not overlap makes these loops ones of vector instructions.

template <float (*wide)(std::uint16_t)>
[[gnu::always_inline]] inline void widen(const std::byte* __restrict bytes, float* __restrict values,
                                         std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        std::uint16_t bits = 0;
        std::memcpy(&bits, bytes + i * sizeof bits, sizeof bits);
        values[i] = wide(bits);
    }
}

template <std::uint16_t (*narrow)(float)>
[[gnu::always_inline]] inline void narrow_all(const float* __restrict values, std::byte* __restrict bytes,
                                              std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint16_t bits = narrow(values[i]);
        std::memcpy(bytes + i * sizeof bits, &bits, sizeof bits);
    }
}

EASEL_VECTOR_CLONES void widen_f16(const std::byte* __restrict bytes, float* __restrict values, std::size_t count) {
    widen<from_f16>(bytes, values, count);
}

EASEL_VECTOR_CLONES void narrow_to_f16(const float* __restrict values, std::byte* __restrict bytes, std::size_t count) {
    narrow_all<f16_from>(values, bytes, count);
}

}  // namespace

bool is_float(DType dtype) { return dtype == DType::F32 || dtype == DType::F16 || dtype == DType::BF16; }

void read_as(DType dtype, std::span<const std::byte> bytes, std::span<float> values) {
    if (dtype == DType::F32)
        std::memcpy(values.data(), bytes.data(), values.size_bytes());
    else if (dtype == DType::F16)
        widen_f16(bytes.data(), values.data(), values.size());
    else
        widen<from_bf16>(bytes.data(), values.data(), values.size());
}

std::vector<float> floats_of(std::span<const std::byte> bytes, DType dtype) {
    std::vector<float> values(bytes.size() / (bit_size(dtype) / 8));
    read_as(dtype, bytes, values);
    return values;
}

void write_as(DType dtype, std::span<const float> values, std::span<std::byte> bytes) {
    if (dtype == DType::F32)
        std::memcpy(bytes.data(), values.data(), values.size_bytes());
    else if (dtype == DType::F16)
        narrow_to_f16(values.data(), bytes.data(), values.size());
    else
        narrow_all<bf16_from>(values.data(), bytes.data(), values.size());
}

std::vector<std::byte> bytes_of(std::span<const float> values, DType dtype) {
    std::vector<std::byte> bytes(values.size() * (bit_size(dtype) / 8));
    write_as(dtype, values, bytes);
    return bytes;
}

}  // namespace easel
