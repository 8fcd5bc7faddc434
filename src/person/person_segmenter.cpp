#include "person/person_segmenter.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <openvino/core/except.hpp>
#include <openvino/frontend/extension/conversion.hpp>
#include <openvino/opsets/opset13.hpp>

#include "base/error.h"
#include "base/files.h"

namespace easel {
namespace {

namespace fs = std::filesystem;
using namespace ov::opset13;

ov::Output<ov::Node> permuted(const ov::Output<ov::Node>& values, const std::vector<std::int64_t>& order) {
    return std::make_shared<Transpose>(values, Constant::create(ov::element::i64, {order.size()}, order));
}

/// MediaPipe's operation Convolution2DTransposeBias in the one form that these networks use: a kernel of 2 x 2 with
/// stride 2, so that padding makes no difference and each output pixel comes from one input pixel.
/// Inputs: values [1, h, w, in]; weights [out, 2, 2, in]; bias [out]. Output: [1, 2h, 2w, out].
ov::OutputVector transposed_convolution_with_bias(const ov::frontend::NodeContext& node) {
    const ov::Output<ov::Node> weights = node.get_input(1);
    const ov::PartialShape& kernel = weights.get_partial_shape();
    FRONT_END_GENERAL_CHECK(kernel.rank().compatible(4) && kernel[1].compatible(2) && kernel[2].compatible(2),
                            "the kernel of Convolution2DTransposeBias is not 2 x 2");
    const auto values = permuted(node.get_input(0), {0, 3, 1, 2});
    const auto convolution = std::make_shared<ConvolutionBackpropData>(values, permuted(weights, {3, 0, 1, 2}),
                                                                       ov::Strides{2, 2}, ov::CoordinateDiff{0, 0},
                                                                       ov::CoordinateDiff{0, 0}, ov::Strides{1, 1});
    return {std::make_shared<Add>(permuted(convolution, {0, 2, 3, 1}), node.get_input(2))};
}

bool is_segmenter(const ov::Model& model) {
    if (model.inputs().size() != 1 || model.outputs().size() != 1 || model.is_dynamic()) return false;
    const ov::Shape input = model.input().get_shape();
    const ov::Shape output = model.output().get_shape();
    return input.size() == 4 && input[0] == 1 && input[3] == 3 && output == ov::Shape{1, input[1], input[2], 1} &&
           model.input().get_element_type() == ov::element::f32 &&
           model.output().get_element_type() == ov::element::f32;
}

/// TensorFlow Lite files are marked in their fifth to eighth byte.
bool is_tflite(std::span<const std::byte> bytes) {
    constexpr std::string_view mark = "TFL3";
    return bytes.size() >= 8 && std::ranges::equal(bytes.subspan(4, 4), std::as_bytes(std::span(mark)));
}

/// Null if OpenVINO cannot read the file as TensorFlow Lite.
std::shared_ptr<ov::Model> read_tflite(const fs::path& path) {
    // OpenVINO would try each of its readers on other bytes, and some of them print.
    if (!is_tflite(MappedFile(path).bytes())) return nullptr;
    try {
        ov::Core core;
        core.add_extension(std::make_shared<ov::frontend::ConversionExtension>("Convolution2DTransposeBias",
                                                                               transposed_convolution_with_bias));
        return core.read_model(path);
    } catch (const ov::Exception&) {
        return nullptr;
    }
}

std::shared_ptr<ov::Model> read_segmenter(const fs::path& path) {
    auto model = read_tflite(path);
    if (!model || !is_segmenter(*model))
        fail("{}: is not MediaPipe's selfie segmentation; use the file that comes with easel", path.string());
    model->set_friendly_name("person segmenter");
    return model;
}

int side(const ov::Model& model, std::size_t axis) { return static_cast<int>(model.input().get_shape()[axis]); }

}  // namespace

PersonSegmenter::PersonSegmenter(Runtime& runtime, const fs::path& tflite)
    : PersonSegmenter(runtime, read_segmenter(tflite)) {}

PersonSegmenter::PersonSegmenter(Runtime& runtime, const std::shared_ptr<ov::Model>& model)
    : height_(side(*model, 1)), width_(side(*model, 2)), network_(runtime.compile(model)) {}

std::span<const float> PersonSegmenter::probabilities(std::span<const float> picture, std::stop_token stop) {
    std::ranges::copy(picture, network_.input(0).begin());
    return network_.run(stop);
}

}  // namespace easel
