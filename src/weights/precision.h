#pragma once

#include <stop_token>

#include "weights/checkpoint.h"

namespace easel {

/// The same checkpoint with all weights stored as `dtype`: F32, F16 or BF16, rounded to the nearest. What is of that
/// type already stays where it is mapped. Throws Error, naming the tensor, where a number is beyond the type's range,
/// and Cancelled between two tensors when `stop` was requested.
Checkpoint converted_to(DType dtype, const Checkpoint& checkpoint, std::stop_token stop);

}  // namespace easel
