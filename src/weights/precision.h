#pragma once

#include <stop_token>

#include "weights/checkpoint.h"

namespace easel {

/// The same checkpoint with all weights stored as `dtype`: F32, F16 or BF16, rounded to the nearest. Tensors of that
/// type stay mapped. Throws Error, naming the tensor, if a number is beyond the type's range, and Cancelled between two
/// tensors when `stop` is requested.
Checkpoint converted_to(DType dtype, const Checkpoint& checkpoint, std::stop_token stop);

}  // namespace easel
