#include "weights/precision.h"

#include <cmath>

#include <easel/easel.h>

#include "base/error.h"
#include "weights/floats.h"

namespace easel {
namespace {

Weights converted(const Weights& weights, DType dtype, const std::stop_token& stop) {
    Weights result = weights;
    for (const std::string& tensor : weights.names()) {
        if (stop.stop_requested()) throw Cancelled();
        const Weight weight = *weights.find(tensor);
        if (weight.dtype == dtype || !is_float(weight.dtype)) continue;
        const std::vector<float> values = floats_of(weight.bytes, weight.dtype);
        const auto bytes = std::make_shared<const std::vector<std::byte>>(bytes_of(values, dtype));
        const std::vector<float> stored = floats_of(*bytes, dtype);
        for (std::size_t i = 0; i < values.size(); ++i)
            if (!std::isfinite(stored[i]) && std::isfinite(values[i]))
                fail("{}: the tensor {} holds {}, which is beyond the range of {}; choose another `precision`",
                     weights.where(), weights.name_in_file(tensor), values[i], name(dtype));
        result.add(tensor, {.name = tensor, .dtype = dtype, .shape = weight.shape, .bytes = *bytes}, bytes);
    }
    return result;
}

}  // namespace

Checkpoint converted_to(DType dtype, const Checkpoint& checkpoint, std::stop_token stop) {
    Checkpoint result = checkpoint;
    result.text_encoder.weights = converted(checkpoint.text_encoder.weights, dtype, stop);
    if (const auto& second = checkpoint.text_encoder_2)
        result.text_encoder_2->weights = converted(second->weights, dtype, stop);
    result.unet.weights = converted(checkpoint.unet.weights, dtype, stop);
    result.vae.weights = converted(checkpoint.vae.weights, dtype, stop);
    return result;
}

}  // namespace easel
