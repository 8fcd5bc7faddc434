#pragma once

#include <string_view>

#include <openvino/core/type/element_type.hpp>

namespace easel {

/// OpenVINO's type for "f32", "bf16" or "f16".
inline ov::element::Type element_type(std::string_view precision) {
    if (precision == "f32") return ov::element::f32;
    return precision == "bf16" ? ov::element::bf16 : ov::element::f16;
}

}  // namespace easel
