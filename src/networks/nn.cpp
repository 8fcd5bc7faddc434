#include "networks/nn.h"

#include <algorithm>

#include <fmt/ranges.h>
#include <openvino/core/runtime_attribute.hpp>
#include <openvino/op/add.hpp>
#include <openvino/op/broadcast.hpp>
#include <openvino/op/concat.hpp>
#include <openvino/op/constant.hpp>
#include <openvino/op/convert.hpp>
#include <openvino/op/convolution.hpp>
#include <openvino/op/gather.hpp>
#include <openvino/op/gelu.hpp>
#include <openvino/op/group_normalization.hpp>
#include <openvino/op/interpolate.hpp>
#include <openvino/op/matmul.hpp>
#include <openvino/op/multiply.hpp>
#include <openvino/op/mvn.hpp>
#include <openvino/op/parameter.hpp>
#include <openvino/op/reshape.hpp>
#include <openvino/op/scaled_dot_product_attention.hpp>
#include <openvino/op/shape_of.hpp>
#include <openvino/op/swish.hpp>
#include <openvino/op/transpose.hpp>

#include "base/error.h"

namespace easel::nn {
namespace {

using std::make_shared;

ov::element::Type element_type(const Weight& weight) {
    switch (weight.dtype) {
        case DType::F32:
            return ov::element::f32;
        case DType::F16:
            return ov::element::f16;
        case DType::BF16:
            return ov::element::bf16;
        default:
            fail(ErrorKind::unsupported, "the tensor {} is stored as {}; a network's weights must be F32, F16 or BF16",
                 weight.name, name(weight.dtype));
    }
}

/// The mark that converters put on compressed weights: without it the plugin keeps an f32 copy beside the packed one.
/// It has a name and no public class; a class of that name is taken for it, and written to IR files as it is by others.
class CompressedWeight : public ov::RuntimeAttribute {
  public:
    OPENVINO_RTTI("decompression", "0", ov::RuntimeAttribute)
    bool visit_attributes(ov::AttributeVisitor& /*visitor*/) override { return true; }
    bool is_copyable() const override { return false; }
};

ov::Shape to_shape(const std::vector<std::int64_t>& shape) { return {shape.begin(), shape.end()}; }

/// Some entries of a tensor's shape, as a tensor.
Tensor dimensions(Tensor x, const std::vector<std::int64_t>& axes) {
    const auto shape = make_shared<ov::op::v3::ShapeOf>(x);
    return make_shared<ov::op::v8::Gather>(shape, constant(axes), constant(std::vector<std::int64_t>{0}));
}

/// A constant as f32, whatever it is stored as.
Tensor widened(const std::shared_ptr<ov::op::v0::Constant>& stored) {
    if (stored->get_element_type() == ov::element::f32) return stored;
    const auto convert = make_shared<ov::op::v0::Convert>(stored, ov::element::f32);
    convert->get_rt_info()[CompressedWeight::get_type_info_static()] = CompressedWeight();
    return convert;
}

Tensor reshape(Tensor x, const std::vector<std::int64_t>& shape) {
    return make_shared<ov::op::v1::Reshape>(x, constant(shape), /*special_zero=*/true);
}

Tensor transpose(Tensor x, const std::vector<std::int64_t>& order) {
    return make_shared<ov::op::v1::Transpose>(x, constant(order));
}

ov::op::v11::Interpolate::InterpolateAttrs nearest(ov::op::util::InterpolateBase::ShapeCalcMode mode) {
    using Base = ov::op::util::InterpolateBase;
    Base::InterpolateAttrs attributes;
    attributes.mode = Base::InterpolateMode::NEAREST;
    attributes.shape_calculation_mode = mode;
    attributes.coordinate_transformation_mode = Base::CoordinateTransformMode::ASYMMETRIC;
    attributes.nearest_mode = Base::NearestMode::FLOOR;
    attributes.pads_begin = attributes.pads_end = {0, 0, 0, 0};
    return attributes;
}

}  // namespace

Weight Scope::take(std::string_view name, const std::vector<std::int64_t>& shape) const {
    return take_shaped(name, {shape});
}

Weight Scope::take_linear(std::string_view name, int inputs, int outputs) const {
    return take_shaped(name, {{outputs, inputs}, {outputs, inputs, 1, 1}});
}

Weight Scope::take_shaped(std::string_view name, const std::vector<std::vector<std::int64_t>>& shapes) const {
    Weight weight = weights_->at(prefix_ + std::string(name));
    if (std::ranges::find(shapes, weight.shape) == shapes.end())
        fail(ErrorKind::damaged, "the tensor {} has the shape [{}] where this model's configuration needs [{}]",
             weight.name, fmt::join(weight.shape, ", "),
             fmt::join(shapes.back().size() == weight.shape.size() ? shapes.back() : shapes.front(), ", "));
    return weight;
}

std::shared_ptr<ov::op::v0::Parameter> picture_input(const char* name, int channels) {
    auto parameter = std::make_shared<ov::op::v0::Parameter>(ov::element::f32, ov::PartialShape{-1, channels, -1, -1});
    parameter->set_friendly_name(name);
    parameter->output(0).set_names({name});
    return parameter;
}

Tensor constant(const Weight& weight) { return constant(weight, weight.shape); }

Tensor constant(const Weight& weight, const std::vector<std::int64_t>& shape) {
    const auto stored = make_shared<ov::op::v0::Constant>(element_type(weight), to_shape(shape), weight.bytes.data(),
                                                          std::const_pointer_cast<void>(weight.owner));
    return widened(stored);
}

Tensor stored_as(const ov::element::Type& type, const ov::Shape& shape, const std::vector<float>& values) {
    return widened(ov::op::v0::Constant::create(type, shape, values));
}

Tensor constant(const std::vector<std::int64_t>& values) {
    return ov::op::v0::Constant::create(ov::element::i64, ov::Shape{values.size()}, values);
}

Tensor constant(float value) { return ov::op::v0::Constant::create(ov::element::f32, ov::Shape{}, {value}); }

Tensor linear(Tensor x, const Scope& scope, int inputs, int outputs, bool bias) {
    const Weight weight = scope.take_linear("weight", inputs, outputs);
    Tensor y = make_shared<ov::op::v0::MatMul>(x, constant(weight, {outputs, inputs}), false, /*transpose_b=*/true);
    return bias ? add(y, constant(scope.take("bias", {outputs}))) : y;
}

Tensor conv2d(Tensor x, const Scope& scope, int inputs, int outputs, const Convolution& how) {
    const Weight weight = how.kernel == 1 ? scope.take_linear("weight", inputs, outputs)
                                          : scope.take("weight", {outputs, inputs, how.kernel, how.kernel});
    const auto stride = static_cast<std::size_t>(how.stride);
    const Tensor y = make_shared<ov::op::v1::Convolution>(
        x, constant(weight, {outputs, inputs, how.kernel, how.kernel}), ov::Strides{stride, stride},
        ov::CoordinateDiff{how.padding_before, how.padding_before},
        ov::CoordinateDiff{how.padding_after, how.padding_after}, ov::Strides{1, 1});
    return how.bias ? add(y, constant(scope.take("bias", {outputs}), {1, outputs, 1, 1})) : y;
}

Tensor group_norm(Tensor x, const Scope& scope, int channels, int groups, double epsilon) {
    return make_shared<ov::op::v12::GroupNormalization>(x, constant(scope.take("weight", {channels})),
                                                        constant(scope.take("bias", {channels})), groups, epsilon);
}

Tensor layer_norm(Tensor x, const Scope& scope, int channels, double epsilon) {
    const Tensor normalized = make_shared<ov::op::v6::MVN>(
        x, constant(std::vector<std::int64_t>{-1}), true, static_cast<float>(epsilon), ov::op::MVNEpsMode::INSIDE_SQRT);
    return add(multiply(normalized, constant(scope.take("weight", {channels}))),
               constant(scope.take("bias", {channels})));
}

Tensor silu(Tensor x) { return make_shared<ov::op::v4::Swish>(x); }

Tensor gelu(Tensor x) { return make_shared<ov::op::v7::Gelu>(x, ov::op::GeluApproximationMode::ERF); }

Tensor quick_gelu(Tensor x) { return make_shared<ov::op::v4::Swish>(x, constant(1.702f)); }

Tensor add(Tensor a, Tensor b) { return make_shared<ov::op::v1::Add>(a, b); }

Tensor multiply(Tensor a, Tensor b) { return make_shared<ov::op::v1::Multiply>(a, b); }

Tensor concat_channels(Tensor a, Tensor b) { return make_shared<ov::op::v0::Concat>(ov::OutputVector{a, b}, 1); }

Tensor attention(Tensor queries, Tensor keys, Tensor values, int channels, int heads, bool causal) {
    const auto split = [&](Tensor x) { return transpose(reshape(x, {0, -1, heads, channels / heads}), {0, 2, 1, 3}); };
    const Tensor mixed =
        make_shared<ov::op::v13::ScaledDotProductAttention>(split(queries), split(keys), split(values), causal);
    return reshape(transpose(mixed, {0, 2, 1, 3}), {0, -1, channels});
}

Tensor to_sequence(Tensor picture, int channels) {
    return reshape(transpose(picture, {0, 2, 3, 1}), {0, -1, channels});
}

Tensor to_picture(Tensor sequence, Tensor like, int channels) {
    const Tensor batch = dimensions(sequence, {0});
    const Tensor sides = dimensions(like, {2, 3});
    const Tensor shape = make_shared<ov::op::v0::Concat>(
        ov::OutputVector{batch, sides, constant(std::vector<std::int64_t>{channels})}, 0);
    const Tensor rows = make_shared<ov::op::v1::Reshape>(sequence, shape, /*special_zero=*/false);
    return transpose(rows, {0, 3, 1, 2});
}

Tensor upsample_twice(Tensor x) {
    const Tensor scales = ov::op::v0::Constant::create(ov::element::f32, ov::Shape{2}, {2.0f, 2.0f});
    return make_shared<ov::op::v11::Interpolate>(x, scales, constant(std::vector<std::int64_t>{2, 3}),
                                                 nearest(ov::op::util::InterpolateBase::ShapeCalcMode::SCALES));
}

Tensor upsample_to(Tensor x, Tensor like) {
    return make_shared<ov::op::v11::Interpolate>(x, dimensions(like, {2, 3}), constant(std::vector<std::int64_t>{2, 3}),
                                                 nearest(ov::op::util::InterpolateBase::ShapeCalcMode::SIZES));
}

Tensor repeat_batch(Tensor x, Tensor like) {
    const auto rank = x.get_partial_shape().rank().get_length();
    std::vector<std::int64_t> ones(static_cast<std::size_t>(rank) - 1, 1);
    const Tensor wanted = make_shared<ov::op::v0::Concat>(ov::OutputVector{dimensions(like, {0}), constant(ones)}, 0);
    return make_shared<ov::op::v3::Broadcast>(x, wanted, ov::op::BroadcastType::BIDIRECTIONAL);
}

}  // namespace easel::nn
