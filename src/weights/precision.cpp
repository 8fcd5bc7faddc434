#include "weights/precision.h"

#include <cmath>
#include <cstring>

#include <easel/easel.h>

#include "base/error.h"
#include "weights/half.h"

namespace easel {
namespace {

bool is_float(DType dtype) { return dtype == DType::F32 || dtype == DType::F16 || dtype == DType::BF16; }

float read(const std::byte* at, DType dtype) {
    if (dtype == DType::F32) {
        float value = 0.0f;
        std::memcpy(&value, at, sizeof value);
        return value;
    }
    std::uint16_t bits = 0;
    std::memcpy(&bits, at, sizeof bits);
    return dtype == DType::F16 ? from_f16(bits) : from_bf16(bits);
}

/// Writes `value` and gives back what it became.
float write(std::byte* at, DType dtype, float value) {
    if (dtype == DType::F32) {
        std::memcpy(at, &value, sizeof value);
        return value;
    }
    const std::uint16_t bits = dtype == DType::F16 ? f16_from(value) : bf16_from(value);
    std::memcpy(at, &bits, sizeof bits);
    return dtype == DType::F16 ? from_f16(bits) : from_bf16(bits);
}

Weights converted(const Weights& weights, DType dtype, const std::stop_token& stop) {
    Weights result = weights;
    for (const std::string& tensor : weights.names()) {
        if (stop.stop_requested()) throw Cancelled();
        const Weight weight = *weights.find(tensor);
        if (weight.dtype == dtype || !is_float(weight.dtype)) continue;
        const std::size_t from = bit_size(weight.dtype) / 8, to = bit_size(dtype) / 8;
        const std::size_t count = weight.bytes.size() / from;
        const auto bytes = std::make_shared<std::vector<std::byte>>(count * to);
        for (std::size_t i = 0; i < count; ++i) {
            const float value = read(weight.bytes.data() + i * from, weight.dtype);
            const float stored = write(bytes->data() + i * to, dtype, value);
            if (!std::isfinite(stored) && std::isfinite(value))
                fail("{}: the tensor {} holds {}, which is beyond the range of {}; choose another `precision`",
                     weights.where(), weights.name_in_file(tensor), value, name(dtype));
        }
        result.add(tensor, {.name = tensor, .dtype = dtype, .shape = weight.shape, .bytes = *bytes}, bytes);
    }
    return result;
}

}  // namespace

Checkpoint converted_to(DType dtype, const Checkpoint& checkpoint, std::stop_token stop) {
    Checkpoint result = checkpoint;
    result.text_encoder.weights = converted(checkpoint.text_encoder.weights, dtype, stop);
    result.unet.weights = converted(checkpoint.unet.weights, dtype, stop);
    result.vae.weights = converted(checkpoint.vae.weights, dtype, stop);
    return result;
}

}  // namespace easel
