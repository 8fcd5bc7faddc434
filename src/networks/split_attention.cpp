#include "networks/split_attention.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include <openvino/core/graph_util.hpp>
#include <openvino/op/concat.hpp>
#include <openvino/op/constant.hpp>
#include <openvino/op/scaled_dot_product_attention.hpp>
#include <openvino/op/variadic_split.hpp>

#include "networks/nn.h"

namespace easel {
namespace {

using Attention = ov::op::v13::ScaledDotProductAttention;

/// The axis of queries [rows, heads, queries, head size].
constexpr std::int64_t query_axis = 2;

/// Scores of the attention, if its queries are independent of each other; none if a mask says who sees whom.
std::size_t splittable_scores(const Attention& attention) {
    if (attention.get_causal() || attention.get_input_size() != 3 || attention.is_dynamic()) return 0;
    const ov::Shape& queries = attention.get_input_shape(0);
    const ov::Shape& keys = attention.get_input_shape(1);
    if (queries.size() != 4 || keys.size() != 4) return 0;
    return queries[0] * queries[1] * queries[2] * keys[2];
}

/// `count` in `parts` that differ by 1 at most.
std::vector<std::int64_t> even_parts(std::size_t count, std::size_t parts) {
    std::vector<std::int64_t> lengths(parts, static_cast<std::int64_t>(count / parts));
    for (std::size_t i = 0; i < count % parts; ++i) ++lengths[i];
    return lengths;
}

std::shared_ptr<ov::Node> split(const Attention& attention, std::size_t parts) {
    const auto lengths = nn::constant(even_parts(attention.get_input_shape(0)[query_axis], parts));
    const auto axis = ov::op::v0::Constant::create(ov::element::i64, ov::Shape{}, {query_axis});
    const auto queries = std::make_shared<ov::op::v1::VariadicSplit>(attention.input_value(0), axis, lengths);
    ov::OutputVector mixed;
    for (const auto& part : queries->outputs())
        mixed.push_back(std::make_shared<Attention>(part, attention.input_value(1), attention.input_value(2), false));
    return std::make_shared<ov::op::v0::Concat>(mixed, query_axis);
}

}  // namespace

std::size_t longest_attention(const ov::Model& model) {
    std::size_t longest = 0;
    for (const auto& node : model.get_ops())
        if (ov::is_type<Attention>(node) && !node->is_dynamic() && node->get_input_shape(0).size() == 4)
            longest = std::max(longest, node->get_input_shape(0)[query_axis]);
    return longest;
}

int split_attention(const std::shared_ptr<ov::Model>& model, std::size_t most_scores) {
    int count = 0;
    for (const auto& node : model->get_ordered_ops()) {
        const auto attention = ov::as_type_ptr<Attention>(node);
        if (!attention) continue;
        const std::size_t scores = splittable_scores(*attention);
        const std::size_t queries = scores > 0 ? attention->get_input_shape(0)[query_axis] : 0;
        const std::size_t parts = std::min(queries, (scores + most_scores - 1) / most_scores);
        if (parts < 2) continue;
        ov::replace_node(attention, split(*attention, parts));
        ++count;
    }
    return count;
}

}  // namespace easel
