#pragma once

#include <string>

#include <openvino/runtime/core.hpp>

#include <easel/easel.h>

namespace easel {

/// The device of that name. Throws Error naming those that are there when it is not.
Device find_device(ov::Core& core, const std::string& name);

}  // namespace easel
