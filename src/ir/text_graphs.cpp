// The text encoders of graphs.h.
#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <openvino/op/broadcast.hpp>
#include <openvino/op/concat.hpp>
#include <openvino/op/unsqueeze.hpp>

#include "base/error.h"
#include "ir/edited_graph.h"
#include "ir/graphs.h"
#include "ir/ports.h"

namespace easel::ir {
namespace {

using std::make_shared;

/// The number of `hidden_states`, the embeddings' and each layer's.
int state_count(const ov::Model& model) {
    int count = 0;
    for (const auto& output : model.outputs())
        count += std::ranges::any_of(output.get_names(),
                                     [](const std::string& name) { return name.starts_with("hidden_states."); });
    return count;
}

/// An output whose shape is known. Throws Error if it is another.
Port output_of_shape(const EditedGraph& graph, const std::string& name, const ov::PartialShape& shape) {
    const Port output = graph.output(name);
    if (!output.get_partial_shape().is_static() || !output.get_partial_shape().compatible(shape))
        fail("{}: its output {} is {}, but {} is needed", graph.where, name, shown(output), shape.to_string());
    return converted(output, ov::element::f32);
}

/// The states `clip_skip` layers before the last ones, joined.
Port states_before_last(const std::vector<EditedGraph>& graphs, int clip_skip, std::int64_t tokens, int text_width) {
    ov::OutputVector states;
    for (const EditedGraph& graph : graphs) {
        const int state = state_count(*graph.model) - 1 - clip_skip;
        states.push_back(output_of_shape(graph, fmt::format("hidden_states.{}", state), {1, tokens, -1}));
    }
    Port joined = states.size() == 1 ? states.front() : make_shared<ov::op::v0::Concat>(states, -1);
    const ov::PartialShape wanted = {1, tokens, text_width};
    if (joined.get_partial_shape() != wanted)
        fail("{}: the text encoders' states are {}, but the UNet takes {}", graphs.front().where,
             joined.get_partial_shape().to_string(), wanted.to_string());
    return joined;
}

}  // namespace

std::shared_ptr<ov::Model> text_encoder(const IrNetwork& network, const ModelFacts& facts, int text_width) {
    EditedGraph graph(network, text_encoder_inputs());
    graph.reshape({{1, facts.text.token_count}}, facts);
    const auto ids = parameter(ov::element::i32, {1, facts.text.token_count}, "ids");
    graph.feed(0, ids);
    return graph.finished(graph.output("last_hidden_state", 3), {1, facts.text.token_count, text_width}, {ids},
                          "text encoder");
}

std::shared_ptr<ov::Model> pooling_text_encoder(const IrNetwork& first, const IrNetwork* second,
                                                const ModelFacts& facts, int text_width, int clip_skip) {
    const std::int64_t tokens = facts.text.token_count;
    std::vector<EditedGraph> graphs;
    ov::ParameterVector inputs;
    const auto add = [&](const IrNetwork& network, const char* input) {
        EditedGraph& graph = graphs.emplace_back(network, text_encoder_inputs());
        graph.reshape({{1, tokens}}, facts);
        graph.feed(0, inputs.emplace_back(parameter(ov::element::i32, {1, tokens}, input)));
    };
    add(first, "ids");
    if (second) add(*second, "ids_2");
    ov::OutputVector outputs = {states_before_last(graphs, 1, tokens, text_width)};
    if (clip_skip > 1) outputs.push_back(states_before_last(graphs, clip_skip, tokens, text_width));
    const Port pooled = output_of_shape(graphs.back(), "text_embeds", {1, -1});
    outputs.push_back(make_shared<ov::op::v3::Broadcast>(make_shared<ov::op::v0::Unsqueeze>(pooled, integers({1})),
                                                         integers({1, tokens, 1}),
                                                         ov::op::BroadcastType::BIDIRECTIONAL));
    return make_shared<ov::Model>(outputs, inputs, "text encoder");
}

}  // namespace easel::ir
