// Attention in parts gives the numbers of the whole.
#include "networks/split_attention.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>
#include <openvino/op/parameter.hpp>
#include <openvino/op/scaled_dot_product_attention.hpp>

#include "networks/graph_run.h"

namespace easel {
namespace {

using testing::expect_close;
using testing::run;

using Attention = ov::op::v13::ScaledDotProductAttention;

/// Rows 2, heads 3, head size 4; other keys than queries.
std::shared_ptr<ov::Model> attention(std::size_t queries, std::size_t keys, bool causal = false) {
    const auto input = [](std::size_t tokens) {
        return std::make_shared<ov::op::v0::Parameter>(ov::element::f32, ov::Shape{2, 3, tokens, 4});
    };
    const ov::ParameterVector inputs{input(queries), input(keys), input(keys)};
    const auto mixed = std::make_shared<Attention>(inputs[0], inputs[1], inputs[2], causal);
    return std::make_shared<ov::Model>(ov::OutputVector{mixed}, inputs, "attention");
}

std::size_t attentions_in(const ov::Model& model) {
    const auto operations = model.get_ops();
    return static_cast<std::size_t>(
        std::ranges::count_if(operations, [](const auto& node) { return ov::is_type<Attention>(node); }));
}

TEST(SplitAttention, GivesTheNumbersOfTheWhole) {
    const auto split = attention(17, 11);
    EXPECT_EQ(split_attention(split, 2 * 3 * 4 * 11), 1);
    EXPECT_EQ(attentions_in(*split), 5u);
    EXPECT_EQ(longest_attention(*split), 4u);
    EXPECT_EQ(split->output().get_shape(), (ov::Shape{2, 3, 17, 4}));
    expect_close(run(attention(17, 11)), run(split), 1e-5f);
}

TEST(SplitAttention, GoesDownToOneQueryAtATimeAndNoFurther) {
    const auto split = attention(5, 11);
    EXPECT_EQ(split_attention(split, 1), 1);
    EXPECT_EQ(attentions_in(*split), 5u);
    expect_close(run(attention(5, 11)), run(split), 1e-5f);
}

TEST(SplitAttention, LeavesAloneWhatIsSmallEnoughOrCausal) {
    EXPECT_EQ(split_attention(attention(17, 11), 2 * 3 * 17 * 11), 0);
    EXPECT_EQ(split_attention(attention(17, 17, /*causal=*/true), 1), 0);
}

// The property by which large attentions are computed without the plugin's fusion is no public interface of OpenVINO,
// so an update that drops it must be noticed.
TEST(SplitAttention, IsComputedWithoutThePluginsFusionToo) {
    expect_close(run(attention(17, 11)), run(attention(17, 11), {{"SNIPPETS_MODE", std::string("DISABLE")}}), 1e-5f);
    EXPECT_ANY_THROW(run(attention(17, 11), {{"SNIPPETS_MODE", std::string("NEITHER")}}));
}

}  // namespace
}  // namespace easel
