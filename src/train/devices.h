#pragma once

#include <string>

#include <c10/core/Device.h>

namespace easel::train {

/// "cpu", or "cuda" where LibTorch has it. Throws Error about the field `device` otherwise.
c10::Device device_by_name(const std::string& name);

/// How many processor threads LibTorch computes with; 0 leaves its own choice. Throws Error about the field `threads`
/// for a negative number.
void set_threads(int threads);

}  // namespace easel::train
