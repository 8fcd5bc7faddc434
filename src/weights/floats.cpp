#include "weights/floats.h"

#include <cstdint>
#include <cstring>

#include "weights/half.h"

namespace easel {

bool is_float(DType dtype) { return dtype == DType::F32 || dtype == DType::F16 || dtype == DType::BF16; }

std::vector<float> floats_of(std::span<const std::byte> bytes, DType dtype) {
    std::vector<float> values(bytes.size() / (bit_size(dtype) / 8));
    if (dtype == DType::F32) {
        std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
        return values;
    }
    const auto wide = dtype == DType::F16 ? from_f16 : from_bf16;
    for (std::size_t i = 0; i < values.size(); ++i) {
        std::uint16_t bits = 0;
        std::memcpy(&bits, bytes.data() + i * sizeof bits, sizeof bits);
        values[i] = wide(bits);
    }
    return values;
}

std::vector<std::byte> bytes_of(std::span<const float> values, DType dtype) {
    std::vector<std::byte> bytes(values.size() * (bit_size(dtype) / 8));
    if (dtype == DType::F32) {
        std::memcpy(bytes.data(), values.data(), bytes.size());
        return bytes;
    }
    const auto narrow = dtype == DType::F16 ? f16_from : bf16_from;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::uint16_t bits = narrow(values[i]);
        std::memcpy(bytes.data() + i * sizeof bits, &bits, sizeof bits);
    }
    return bytes;
}

}  // namespace easel
