#pragma once

#include <filesystem>
#include <stop_token>

#include "ir/folder.h"
#include "weights/checkpoint.h"

namespace easel {

/// Writes a checkpoint's networks as OpenVINO IR into the existing `folder`, with the names, shapes and types that
/// other programs expect of that kind: dynamic shapes and whole timesteps for `optimum`, the model's native size and a
/// division by the scaling factor within the decoder for `openvino_2022`. Weights keep the type they have; the
/// frequencies of the timestep's sinusoids stay f32, which programs that round every constant to f16 get wrong by 1e-2.
/// Throws Error when a weight is missing or a file cannot be written, and Cancelled between two networks when `stop`
/// was requested.
void write_ir(const Checkpoint& checkpoint, IrFolder::Kind kind, const std::filesystem::path& folder,
              std::stop_token stop);

}  // namespace easel
