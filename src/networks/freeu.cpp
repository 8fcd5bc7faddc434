#include "networks/freeu.h"

#include <algorithm>
#include <memory>
#include <numbers>
#include <vector>

#include <openvino/op/constant.hpp>
#include <openvino/op/convert.hpp>
#include <openvino/op/cos.hpp>
#include <openvino/op/divide.hpp>
#include <openvino/op/gather.hpp>
#include <openvino/op/matmul.hpp>
#include <openvino/op/maximum.hpp>
#include <openvino/op/range.hpp>
#include <openvino/op/shape_of.hpp>
#include <openvino/op/sin.hpp>
#include <openvino/op/subtract.hpp>
#include <openvino/op/unsqueeze.hpp>

namespace easel::nn {
namespace {

/// What a side's frequencies of -1 and 0 periods alone make of an impulse: a complex matrix [size, size], whose parts
/// are constants once the size is known.
struct LowFrequencies {
    Tensor real, imaginary;
};

Tensor difference(Tensor a, Tensor b) { return std::make_shared<ov::op::v1::Subtract>(a, b); }
Tensor product(Tensor a, Tensor b) { return std::make_shared<ov::op::v0::MatMul>(a, b); }

Tensor scalar(std::int64_t value) { return ov::op::v0::Constant::create(ov::element::i64, ov::Shape{}, {value}); }

LowFrequencies low_frequencies(Tensor x, int axis) {
    const Tensor size =
        std::make_shared<ov::op::v8::Gather>(std::make_shared<ov::op::v3::ShapeOf>(x), scalar(axis), scalar(0));
    const Tensor places = std::make_shared<ov::op::v4::Range>(scalar(0), size, scalar(1), ov::element::f32);
    const Tensor length = std::make_shared<ov::op::v0::Convert>(size, ov::element::f32);
    const Tensor period =
        std::make_shared<ov::op::v1::Divide>(constant(static_cast<float>(2.0 * std::numbers::pi)), length);
    const Tensor column = multiply(std::make_shared<ov::op::v0::Unsqueeze>(places, scalar(1)), period);
    const Tensor row = multiply(std::make_shared<ov::op::v0::Unsqueeze>(places, scalar(0)), period);
    const Tensor angles = difference(column, row);
    // 1 + exp(-i angle), over the number of places; where that is 1, both frequencies are the same.
    const Tensor count = std::make_shared<ov::op::v1::Maximum>(length, constant(2.0F));
    const auto over_count = [&](Tensor values) { return std::make_shared<ov::op::v1::Divide>(values, count); };
    return {over_count(add(std::make_shared<ov::op::v0::Cos>(angles), constant(1.0F))),
            over_count(multiply(std::make_shared<ov::op::v0::Sin>(angles), constant(-1.0F)))};
}

}  // namespace

Tensor with_weighed_backbone(Tensor x, int channels, double by) {
    std::vector<float> weights(static_cast<std::size_t>(channels), 1.0F);
    std::fill_n(weights.begin(), channels / 2, static_cast<float>(by));
    return multiply(x, ov::op::v0::Constant::create(ov::element::f32, ov::Shape{1, weights.size(), 1, 1}, weights));
}

Tensor with_weighed_low_frequencies(Tensor x, double by) {
    const LowFrequencies down = low_frequencies(x, 2), across = low_frequencies(x, 3);
    // The real part of down x across^T; an imaginary part is its own transpose with the other sign.
    const Tensor of_real = product(product(down.real, x), across.real);
    const Tensor of_imaginary = product(product(down.imaginary, x), across.imaginary);
    return add(x, multiply(add(of_real, of_imaginary), constant(static_cast<float>(by - 1.0))));
}

}  // namespace easel::nn
