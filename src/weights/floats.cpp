#include "weights/floats.h"

#include <cstdint>
#include <cstring>

#include "weights/half.h"

namespace easel {
namespace {

template <float (*wide)(std::uint16_t)>
void widen(std::span<const std::byte> bytes, std::span<float> values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        std::uint16_t bits = 0;
        std::memcpy(&bits, bytes.data() + i * sizeof bits, sizeof bits);
        values[i] = wide(bits);
    }
}

template <std::uint16_t (*narrow)(float)>
void narrow_all(std::span<const float> values, std::span<std::byte> bytes) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::uint16_t bits = narrow(values[i]);
        std::memcpy(bytes.data() + i * sizeof bits, &bits, sizeof bits);
    }
}

}  // namespace

bool is_float(DType dtype) { return dtype == DType::F32 || dtype == DType::F16 || dtype == DType::BF16; }

std::vector<float> floats_of(std::span<const std::byte> bytes, DType dtype) {
    std::vector<float> values(bytes.size() / (bit_size(dtype) / 8));
    if (dtype == DType::F32)
        std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
    else if (dtype == DType::F16)
        widen<from_f16>(bytes, values);
    else
        widen<from_bf16>(bytes, values);
    return values;
}

void write_as(DType dtype, std::span<const float> values, std::span<std::byte> bytes) {
    if (dtype == DType::F32)
        std::memcpy(bytes.data(), values.data(), values.size_bytes());
    else if (dtype == DType::F16)
        narrow_all<f16_from>(values, bytes);
    else
        narrow_all<bf16_from>(values, bytes);
}

std::vector<std::byte> bytes_of(std::span<const float> values, DType dtype) {
    std::vector<std::byte> bytes(values.size() * (bit_size(dtype) / 8));
    write_as(dtype, values, bytes);
    return bytes;
}

}  // namespace easel
