#include "runtime/memory_estimate.h"

#include <memory>

#include <gtest/gtest.h>
#include <openvino/op/add.hpp>
#include <openvino/op/concat.hpp>
#include <openvino/op/constant.hpp>
#include <openvino/op/parameter.hpp>
#include <openvino/op/relu.hpp>

namespace easel {
namespace {

using Port = ov::Output<ov::Node>;

const ov::Shape row{1, 100};

Port relu(const Port& x) { return std::make_shared<ov::op::v0::Relu>(x); }

TEST(EstimatedMemory, CountsWeightsAndWhatIsNeededAtOneTime) {
    const auto input = std::make_shared<ov::op::v0::Parameter>(ov::element::f32, row);
    const Port weights = ov::op::v0::Constant::create(ov::element::f32, row, std::vector<float>(100, 1.0f));
    // However long a chain is, two of its values exist at a time.
    Port x = std::make_shared<ov::op::v1::Add>(input, weights);
    for (int i = 0; i < 10; ++i) x = relu(x);
    const ov::Model chain(ov::OutputVector{x}, ov::ParameterVector{input});
    EXPECT_EQ(estimated_memory(chain, ov::element::f32), (100u + 2 * 100u) * 4);
    EXPECT_EQ(estimated_memory(chain, ov::element::bf16), (100u + 2 * 100u) * 2);
}

TEST(EstimatedMemory, KeepsWhatALaterLayerNeeds) {
    const auto input = std::make_shared<ov::op::v0::Parameter>(ov::element::f32, row);
    const Port early = relu(input);
    Port x = early;
    for (int i = 0; i < 3; ++i) x = relu(x);
    x = std::make_shared<ov::op::v0::Concat>(ov::OutputVector{early, x}, 1);
    const ov::Model model(ov::OutputVector{x}, ov::ParameterVector{input});
    EXPECT_EQ(estimated_memory(model, ov::element::f32), (100u + 100u + 200u) * 4);
}

}  // namespace
}  // namespace easel
