#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace easel {

/// An operation that a layer of an IR may be.
struct IrOperation {
    std::string_view type;
    std::size_t least_inputs, most_inputs;
};

/// The operation of that name in an IR, if networks of Stable Diffusion can contain it, whatever program exported
/// them: arithmetic, convolutions, attention, shapes, quantized weights. None for others, such as those with a
/// state, a body or random numbers.
std::optional<IrOperation> find_ir_operation(std::string_view type);

}  // namespace easel
