#include "weights/ir_operations.h"

#include <algorithm>
#include <array>
#include <limits>

namespace easel {
namespace {

constexpr std::size_t any = std::numeric_limits<std::size_t>::max();

// As of OpenVINO's operation sets 1 to 16.
constexpr std::array operations = std::to_array<IrOperation>({
    {"Abs", 1, 1},
    {"Add", 2, 2},
    {"AvgPool", 1, 1},
    {"BatchNormInference", 5, 5},
    {"Broadcast", 2, 3},
    {"Ceiling", 1, 1},
    {"Clamp", 1, 1},
    {"Concat", 1, any},
    {"Const", 0, 0},
    {"Convert", 1, 1},
    {"ConvertLike", 2, 2},
    {"ConvertPromoteTypes", 2, 2},
    {"Convolution", 2, 2},
    {"ConvolutionBackpropData", 2, 3},
    {"Cos", 1, 1},
    {"CumSum", 1, 2},
    {"Divide", 2, 2},
    {"Einsum", 1, any},
    {"Elu", 1, 1},
    {"Equal", 2, 2},
    {"Erf", 1, 1},
    {"Exp", 1, 1},
    {"Eye", 3, 4},
    {"FakeQuantize", 5, 5},
    {"Floor", 1, 1},
    {"FloorMod", 2, 2},
    {"Gather", 3, 3},
    {"GatherElements", 2, 2},
    {"GatherND", 2, 2},
    {"Gelu", 1, 1},
    {"Greater", 2, 2},
    {"GreaterEqual", 2, 2},
    {"GroupConvolution", 2, 2},
    {"GroupNormalization", 3, 3},
    {"HSigmoid", 1, 1},
    {"HSwish", 1, 1},
    {"HardSigmoid", 3, 3},
    {"Identity", 1, 1},
    {"Interpolate", 2, 4},
    {"IsInf", 1, 1},
    {"IsNaN", 1, 1},
    {"Less", 2, 2},
    {"LessEqual", 2, 2},
    {"Log", 1, 1},
    {"LogSoftmax", 1, 1},
    {"LogicalAnd", 2, 2},
    {"LogicalNot", 1, 1},
    {"LogicalOr", 2, 2},
    {"LogicalXor", 2, 2},
    {"MVN", 1, 2},
    {"MatMul", 2, 2},
    {"MaxPool", 1, 1},
    {"Maximum", 2, 2},
    {"Minimum", 2, 2},
    {"Mish", 1, 1},
    {"Mod", 2, 2},
    {"Multiply", 2, 2},
    {"Negative", 1, 1},
    {"NonZero", 1, 1},
    {"NormalizeL2", 2, 2},
    {"NotEqual", 2, 2},
    {"OneHot", 4, 4},
    {"PReLU", 2, 2},
    {"Pad", 3, 4},
    {"Parameter", 0, 0},
    {"Power", 2, 2},
    {"Range", 3, 3},
    {"ReLU", 1, 1},
    {"ReduceMax", 2, 2},
    {"ReduceMean", 2, 2},
    {"ReduceMin", 2, 2},
    {"ReduceProd", 2, 2},
    {"ReduceSum", 2, 2},
    {"Reshape", 2, 2},
    {"Result", 1, 1},
    {"Reverse", 2, 2},
    {"Roll", 3, 3},
    {"Round", 1, 1},
    {"ScaledDotProductAttention", 3, 6},
    {"ScatterElementsUpdate", 4, 4},
    {"ScatterNDUpdate", 3, 3},
    {"ScatterUpdate", 4, 4},
    {"Select", 3, 3},
    {"Selu", 3, 3},
    {"ShapeOf", 1, 1},
    {"Sigmoid", 1, 1},
    {"Sign", 1, 1},
    {"Sin", 1, 1},
    {"Slice", 4, 5},
    {"SoftMax", 1, 1},
    {"SoftPlus", 1, 1},
    {"Split", 2, 2},
    {"Sqrt", 1, 1},
    {"SquaredDifference", 2, 2},
    {"Squeeze", 1, 2},
    {"StridedSlice", 3, 4},
    {"Subtract", 2, 2},
    {"Swish", 1, 2},
    {"Tan", 1, 1},
    {"Tanh", 1, 1},
    {"Tile", 2, 2},
    {"TopK", 2, 2},
    {"Transpose", 2, 2},
    {"Unsqueeze", 2, 2},
    {"VariadicSplit", 3, 3},
});

static_assert(std::ranges::is_sorted(operations, {}, &IrOperation::type));

}  // namespace

std::optional<IrOperation> find_ir_operation(std::string_view type) {
    const auto* const found = std::ranges::lower_bound(operations, type, {}, &IrOperation::type);
    if (found == operations.end() || found->type != type) return std::nullopt;
    return *found;
}

}  // namespace easel
