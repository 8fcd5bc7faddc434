#pragma once

#include <string>

#include <openvino/runtime/core.hpp>

#include <easel/easel.h>

namespace easel {

/// The device of that name. Throws Error listing the existing ones if there is none.
Device find_device(ov::Core& core, const std::string& name);

}  // namespace easel
