// Weights are used where they are mapped, and no widened copy of them stays. That rests on a mark that is no public
// interface of OpenVINO, so an update that drops it must be noticed.
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <openvino/op/parameter.hpp>
#include <openvino/runtime/core.hpp>
#include <openvino/runtime/infer_request.hpp>
#include <openvino/runtime/properties.hpp>

#include "networks/nn.h"
#include "support/files.h"
#include "weights/safetensors.h"

namespace easel {
namespace {

constexpr int layers = 16;
constexpr int channels = 512;
constexpr std::size_t weights_of_a_layer = std::size_t{channels} * channels * 9;

/// Memory of this process that no file stands behind, in bytes.
std::uint64_t anonymous_memory() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        std::uint64_t kilobytes = 0;
        if (word == "RssAnon:" && status >> kilobytes) return kilobytes * 1024;
    }
    return 0;
}

/// A stack of convolutions with f16 weights, in a file.
Weights write_and_open(const std::filesystem::path& path) {
    {
        const std::vector<std::uint16_t> values(weights_of_a_layer, 0x1400);  // about 0.001
        const std::vector<std::uint16_t> zeros(channels, 0);
        std::vector<TensorView> tensors;
        for (int layer = 0; layer < layers; ++layer) {
            tensors.push_back({.name = fmt::format("{}.weight", layer),
                               .dtype = DType::F16,
                               .shape = {channels, channels, 3, 3},
                               .bytes = std::as_bytes(std::span(values))});
            tensors.push_back({.name = fmt::format("{}.bias", layer),
                               .dtype = DType::F16,
                               .shape = {channels},
                               .bytes = std::as_bytes(std::span(zeros))});
        }
        write_safetensors(path, tensors);
    }
    const SafetensorsFile file(path);
    Weights weights("stack", path.string());
    for (const auto& [name, tensor] : file.tensors()) weights.add(name, tensor, file.file());
    return weights;
}

TEST(Memory, CompiledNetworkHoldsItsWeightsOnce) {
    const testing::TemporaryFolder folder;
    const Weights weights = write_and_open(folder / "stack.safetensors");
    ov::Core core;
    if (core.get_available_devices().empty() || anonymous_memory() == 0) GTEST_SKIP() << "memory cannot be told here";

    const auto input = std::make_shared<ov::op::v0::Parameter>(ov::element::f32, ov::PartialShape{1, channels, 16, 16});
    nn::Tensor x = input;
    for (int layer = 0; layer < layers; ++layer) x = nn::conv2d(x, nn::Scope(weights) / layer, channels, channels);
    auto model = std::make_shared<ov::Model>(ov::OutputVector{x}, ov::ParameterVector{input}, "stack");

    const std::uint64_t before = anonymous_memory();
    auto compiled = core.compile_model(model, "CPU", ov::hint::inference_precision(ov::element::f32));
    model.reset();
    x = {};
    compiled.create_infer_request().infer();
    const auto grown = static_cast<double>(anonymous_memory() - before);
    const double packed = 4.0 * layers * weights_of_a_layer;  // f32
    EXPECT_LT(grown, 1.4 * packed) << "a second copy of the weights is held";
    EXPECT_GT(grown, 0.5 * packed) << "the weights are not where this test looks for them";
}

}  // namespace
}  // namespace easel
