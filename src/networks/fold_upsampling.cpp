#include "networks/fold_upsampling.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include <openvino/core/graph_util.hpp>
#include <openvino/op/add.hpp>
#include <openvino/op/concat.hpp>
#include <openvino/op/constant.hpp>
#include <openvino/op/convert.hpp>
#include <openvino/op/convolution.hpp>
#include <openvino/op/depth_to_space.hpp>
#include <openvino/op/util/interpolate_base.hpp>

#include "networks/nn.h"

namespace easel {
namespace {

using nn::Tensor;
using ov::op::util::InterpolateBase;

/// A doubling and what follows it.
struct DoubledConvolution {
    /// The picture before it is doubled.
    Tensor picture;
    /// [outputs, inputs, 3, 3]
    std::shared_ptr<const ov::op::v0::Constant> kernel;
    /// [1, outputs, 1, 1], where one is added.
    std::optional<Tensor> bias;
    /// What the folded form takes the place of.
    std::shared_ptr<ov::Node> last;
};

/// Whether the node gives each pixel of its input twice in both directions.
bool doubles(const ov::Node& node) {
    const auto* const resize = ov::as_type<const InterpolateBase>(&node);
    if (!resize || resize->get_input_partial_shape(0).is_dynamic() || resize->get_output_partial_shape(0).is_dynamic())
        return false;
    const auto& how = resize->get_attrs();
    if (how.mode != InterpolateBase::InterpolateMode::NEAREST ||
        how.nearest_mode != InterpolateBase::NearestMode::FLOOR ||
        how.coordinate_transformation_mode != InterpolateBase::CoordinateTransformMode::ASYMMETRIC)
        return false;
    ov::Shape doubled = resize->get_input_shape(0);
    if (doubled.size() != 4) return false;
    doubled[2] *= 2;
    doubled[3] *= 2;
    return resize->get_output_shape(0) == doubled;
}

bool is_3x3(const ov::op::v1::Convolution& convolution) {
    const ov::Shape& kernel = convolution.get_input_shape(1);
    return kernel.size() == 4 && kernel[2] == 3 && kernel[3] == 3 && convolution.get_strides() == ov::Strides{1, 1} &&
           convolution.get_dilations() == ov::Strides{1, 1} &&
           convolution.get_pads_begin() == ov::CoordinateDiff{1, 1} &&
           convolution.get_pads_end() == ov::CoordinateDiff{1, 1};
}

/// The constant behind a value that may be widened to f32.
std::shared_ptr<const ov::op::v0::Constant> constant_behind(const Tensor& value) {
    const ov::Node* node = value.get_node();
    if (ov::is_type<ov::op::v0::Convert>(node)) node = node->get_input_node_ptr(0);
    const auto* const constant = ov::as_type<const ov::op::v0::Constant>(node);
    if (!constant || !constant->get_element_type().is_real()) return nullptr;
    return ov::as_type_ptr<const ov::op::v0::Constant>(constant->shared_from_this());
}

/// The addition of a constant for each channel, where that is all that becomes of `value`.
std::shared_ptr<ov::op::v1::Add> bias_after(const Tensor& value) {
    const auto consumers = value.get_target_inputs();
    if (consumers.size() != 1) return nullptr;
    const auto add = ov::as_type_ptr<ov::op::v1::Add>(consumers.begin()->get_node()->shared_from_this());
    if (!add) return nullptr;
    const std::size_t other = 1 - consumers.begin()->get_index();
    const ov::Shape for_each_channel{1, value.get_shape()[1], 1, 1};
    return constant_behind(add->input_value(other)) && add->get_input_shape(other) == for_each_channel ? add : nullptr;
}

std::optional<DoubledConvolution> find_doubled(const std::shared_ptr<ov::Node>& node) {
    const auto convolution = ov::as_type_ptr<ov::op::v1::Convolution>(node);
    if (!convolution || !is_3x3(*convolution) || !doubles(*convolution->get_input_node_ptr(0))) return std::nullopt;
    auto kernel = constant_behind(convolution->input_value(1));
    if (!kernel) return std::nullopt;

    DoubledConvolution found{.picture = convolution->get_input_node_ptr(0)->input_value(0),
                             .kernel = std::move(kernel),
                             .last = convolution};
    if (const auto add = bias_after(convolution)) {
        found.bias = add->input_value(add->get_input_node_ptr(0) == convolution.get() ? 1 : 0);
        found.last = add;
    }
    return found;
}

/// The kernel [outputs, inputs, 2, 2] that a 3x3 kernel amounts to at the doubled pixels of one parity: of odd rows
/// (`row` 1) or even ones, and likewise for columns.
std::vector<float> folded_kernel(const std::vector<float>& kernel, int row, int column) {
    // Which of the two source pixels a tap falls on.
    const auto source = [](int tap, int parity) { return tap > parity ? 1 : 0; };
    std::vector<float> sums(kernel.size() / 9 * 4, 0.0f);
    for (std::size_t pair = 0; pair < kernel.size() / 9; ++pair)
        for (int y = 0; y < 3; ++y)
            for (int x = 0; x < 3; ++x)
                sums[4 * pair + static_cast<std::size_t>(2 * source(y, row) + source(x, column))] +=
                    kernel[9 * pair + static_cast<std::size_t>(3 * y + x)];
    return sums;
}

std::shared_ptr<ov::Node> folded(const DoubledConvolution& found, const ov::element::Type& kernels) {
    const std::vector<float> kernel = found.kernel->cast_vector<float>();
    ov::Shape shape = found.kernel->get_shape();
    shape[2] = shape[3] = 2;
    ov::OutputVector parities;
    for (const int row : {0, 1})
        for (const int column : {0, 1}) {
            const Tensor weights = nn::stored_as(kernels, shape, folded_kernel(kernel, row, column));
            Tensor part = std::make_shared<ov::op::v1::Convolution>(found.picture, weights, ov::Strides{1, 1},
                                                                    ov::CoordinateDiff{1 - row, 1 - column},
                                                                    ov::CoordinateDiff{row, column}, ov::Strides{1, 1});
            parities.push_back(found.bias ? nn::add(part, *found.bias) : part);
        }
    return std::make_shared<ov::op::v0::DepthToSpace>(std::make_shared<ov::op::v0::Concat>(parities, 1),
                                                      ov::op::v0::DepthToSpace::DepthToSpaceMode::BLOCKS_FIRST, 2);
}

}  // namespace

int fold_upsampling(const std::shared_ptr<ov::Model>& model, const ov::element::Type& kernels) {
    int count = 0;
    for (const auto& node : model->get_ordered_ops())
        if (const auto found = find_doubled(node)) {
            ov::replace_node(found->last, folded(*found, kernels));
            ++count;
        }
    return count;
}

}  // namespace easel
