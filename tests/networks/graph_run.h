#pragma once

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

#include <gtest/gtest.h>
#include <openvino/runtime/core.hpp>
#include <openvino/runtime/infer_request.hpp>
#include <openvino/runtime/properties.hpp>

namespace easel::testing {

/// The output of a graph in f32 for normal random numbers in every input, the same ones each time.
inline std::vector<float> run(const std::shared_ptr<ov::Model>& graph, ov::AnyMap properties = {}) {
    properties[ov::hint::inference_precision.name()] = ov::element::f32;
    ov::Core core;
    auto request = core.compile_model(graph, "CPU", properties).create_infer_request();
    std::mt19937 generator(5);
    std::normal_distribution<float> normal;
    for (std::size_t i = 0; i < graph->inputs().size(); ++i) {
        ov::Tensor values = request.get_input_tensor(i);
        std::generate_n(values.data<float>(), values.get_size(), [&] { return normal(generator); });
    }
    request.infer();
    const ov::Tensor output = request.get_output_tensor();
    return {output.data<float>(), output.data<float>() + output.get_size()};
}

inline void expect_close(const std::vector<float>& a, const std::vector<float>& b, float bound) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], bound) << "at " << i;
}

}  // namespace easel::testing
