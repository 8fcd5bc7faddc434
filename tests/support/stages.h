#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "runtime/conditioning.h"
#include "weights/safetensors.h"

namespace easel::testing {

/// What PyTorch gives for the tiny model's networks, stage by stage.
inline const SafetensorsFile& stages() {
    static const SafetensorsFile file("golden/stages.safetensors");
    return file;
}

/// The values of a tensor.
template <typename T>
std::vector<T> values_of(const SafetensorsFile& file, const std::string& name) {
    const auto bytes = file.tensors().at(name).bytes;
    std::vector<T> copy(bytes.size() / sizeof(T));
    std::memcpy(copy.data(), bytes.data(), bytes.size());
    return copy;
}

/// The values of one of the stages.
template <typename T>
std::vector<T> stage(const std::string& name) {
    return values_of<T>(stages(), name);
}

/// `rows` rows of text of 77 tokens each.
inline Conditioning conditioning(std::span<const float> text, int rows) {
    return {.rows = rows,
            .tokens = 77,
            .width = static_cast<int>(text.size()) / (77 * rows),
            .text = {text.begin(), text.end()}};
}

/// The largest absolute difference; infinite where the numbers of values differ or a value is no number.
inline float greatest_difference(std::span<const float> ours, std::span<const float> theirs) {
    constexpr float infinite = std::numeric_limits<float>::infinity();
    if (ours.size() != theirs.size()) return infinite;
    float greatest = 0.0f;
    for (std::size_t i = 0; i < ours.size(); ++i) {
        const float difference = std::abs(ours[i] - theirs[i]);
        if (std::isnan(difference)) return infinite;
        greatest = std::max(greatest, difference);
    }
    return greatest;
}

}  // namespace easel::testing
