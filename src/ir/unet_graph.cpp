// The UNet of graphs.h.
#include <cmath>
#include <cstdint>
#include <vector>

#include "base/error.h"
#include "ir/edited_graph.h"
#include "ir/graphs.h"
#include "ir/ports.h"
#include "networks/unet.h"

namespace easel::ir {
namespace {

/// Of unet_inputs(). Behind the text there are the guidance scale's embedding, or the pooled text and the size ids.
enum Input : std::size_t { sample, timestep, text, more };

/// The rows that the network computes: those that are asked for, or if its batch is fixed, that many.
std::int64_t batch_of(const EditedGraph& graph, int rows) {
    const ov::Dimension fixed = graph.inputs[text].get_partial_shape()[0];
    const std::int64_t batch = fixed.is_static() ? fixed.get_length() : rows;
    if (batch < rows || batch % rows != 0)
        refuse("guidance_scale", "{}: this UNet takes {} rows of text, but guidance needs {}; draw with 1", graph.where,
               batch, rows);
    return batch;
}

int tokens_of(const EditedGraph& graph, const ModelFacts& facts, int chunks) {
    const int tokens = chunks * facts.text.token_count;
    if (!graph.inputs[text].get_partial_shape()[1].compatible(tokens))
        refuse("prompt",
               "{}: this UNet takes only {} tokens of text, and the prompts have {}; a `prompt_syntax` of plain cuts "
               "them off",
               graph.where, facts.text.token_count, tokens);
    return tokens;
}

/// The shape of the timestep.
ov::Shape times_of(const EditedGraph& graph) {
    const ov::PartialShape own = graph.inputs[timestep].get_partial_shape();
    return own.is_static() ? own.to_shape() : ov::Shape{1};
}

/// Feeds the pooled text and the size ids from one input, [rows, of both].
std::shared_ptr<ov::op::v0::Parameter> feed_added_conditions(EditedGraph& graph, int rows, std::int64_t batch) {
    const std::size_t sizes = graph.inputs.size() - 1, pooled = sizes - 1;
    const std::int64_t width = graph.columns(pooled), all = width + graph.columns(sizes);
    auto added = parameter(ov::element::f32, {rows, all}, "added_conditions");
    graph.feed(pooled, repeated(column_range(added, 0, width), batch));
    graph.feed(sizes, repeated(column_range(added, width, all), batch));
    return added;
}

}  // namespace

UNetGraph unet(const IrNetwork& network, const ModelFacts& facts, int text_width, const UNetKey& key) {
    const auto [height, width] = key.latents;
    const int rows = key.rows, channels = unet_channels(facts);
    EditedGraph graph(network, unet_inputs(facts));
    const std::int64_t batch = batch_of(graph, rows);
    const int tokens = tokens_of(graph, facts, key.chunks);
    const ov::Shape times = times_of(graph);
    std::vector<ov::PartialShape> shapes = {{batch, channels, height, width}, times, {batch, tokens, text_width}};
    for (std::size_t i = more; i < graph.inputs.size(); ++i) shapes.push_back({batch, graph.columns(i)});
    graph.reshape(shapes, facts);

    // A UNet that changes pictures is shown another one in each row.
    const auto new_sample =
        parameter(ov::element::f32, {facts.edits_pictures() ? rows : 1, channels, height, width}, "sample");
    const auto new_text = parameter(ov::element::f32, {rows, tokens, text_width}, "encoder_hidden_states");
    const std::int64_t guidance = facts.takes_guidance ? graph.columns(more) : 0;
    const auto new_timestep = parameter(ov::element::f32, {1, 1 + guidance}, "timestep");
    ov::ParameterVector inputs = {new_sample, new_timestep, new_text};
    const bool has_whole_timesteps = graph.inputs[timestep].get_element_type().is_integral_number();
    graph.feed(sample, repeated(new_sample, batch));
    graph.feed(timestep, spread(column_range(new_timestep, 0, 1), times));
    graph.feed(text, repeated(new_text, batch));
    if (guidance > 0) graph.feed(more, repeated(column_range(new_timestep, 1, 1 + guidance), batch));
    if (facts.text.is_pooled) inputs.push_back(feed_added_conditions(graph, rows, batch));

    UNetGraph result{graph.finished(first_rows(graph.output("out_sample", 4), rows),
                                    {rows, facts.latents.channels, height, width}, inputs, "UNet"),
                     [has_whole_timesteps](double t) {
                         return std::vector{static_cast<float>(has_whole_timesteps ? std::nearbyint(t) : t)};
                     }};
    if (guidance > 0)
        result.encode_guidance = [guidance](double scale) {
            return guidance_embedding(scale, static_cast<int>(guidance));
        };
    if (facts.text.is_pooled) result.encode_size = [](double id) { return std::vector{static_cast<float>(id)}; };
    return result;
}

}  // namespace easel::ir
