#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "weights/dtype.h"

namespace easel {

/// One tensor as a safetensors header describes it. Only the types of the values have been checked.
struct TensorEntry {
    std::string name;
    DType dtype = DType::F32;
    std::vector<std::uint64_t> shape;
    /// Where its bytes begin and end, from the end of the header.
    std::uint64_t begin = 0, end = 0;
};

struct SafetensorsHeader {
    std::vector<TensorEntry> entries;
    std::map<std::string, std::string> metadata;
};

/// Reads the JSON of a safetensors header, stopping at the first thing that does not belong there, so that a hostile
/// header of any size is refused quickly. `where` names the file. Throws Error.
SafetensorsHeader parse_safetensors_header(std::string_view json, std::string_view where);

}  // namespace easel
