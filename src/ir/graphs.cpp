#include "ir/graphs.h"

#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <openvino/core/except.hpp>
#include <openvino/op/concat.hpp>
#include <openvino/op/constant.hpp>
#include <openvino/op/convert.hpp>
#include <openvino/op/parameter.hpp>
#include <openvino/op/reshape.hpp>
#include <openvino/op/slice.hpp>

#include "base/error.h"
#include "ir/ports.h"

namespace easel::ir {
namespace {

using Port = ov::Output<ov::Node>;
using std::make_shared;

/// A copy of a network, which may be changed, with its inputs.
struct Graph {
    std::shared_ptr<ov::Model> model;
    std::vector<Port> inputs;
    std::string where;

    Graph(const IrNetwork& network, const std::vector<WantedInput>& wanted)
        : model(network.model->clone()), inputs(find_inputs(*model, wanted, network.where)), where(network.where) {}

    Port output(std::string_view name, int rank) const { return find_output(*model, name, rank, where); }

    /// Fixes the shapes of the inputs.
    void reshape(const std::vector<ov::PartialShape>& shapes, const ModelFacts& facts) const {
        std::map<Port, ov::PartialShape> wanted;
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            if (!inputs[i].get_partial_shape().compatible(shapes[i]))
                fail("{}: its input is {}, but the shape {} is needed", where, shown(inputs[i]), shapes[i].to_string());
            wanted[inputs[i]] = shapes[i];
        }
        if (!model->is_dynamic()) return;
        try {
            model->reshape(wanted);
        } catch (const ov::Exception&) {  // it names a layer, which does not help
            refuse("width",
                   "{}: this network cannot be computed at this size because its input would have the shape {}; give a "
                   "`width` "
                   "and a `height` that are multiples of {}",
                   where, shapes.front().to_string(), facts.latents.downsampling * facts.sizes.step);
        }
    }
};

std::shared_ptr<ov::op::v0::Parameter> parameter(const ov::element::Type& type, const ov::PartialShape& shape,
                                                 const char* name) {
    auto input = make_shared<ov::op::v0::Parameter>(type, shape);
    input->set_friendly_name(name);
    return input;
}

Port converted(const Port& values, const ov::element::Type& type) {
    if (values.get_element_type() == type) return values;
    return make_shared<ov::op::v0::Convert>(values, type);
}

/// Feeds a network's input with values of any type.
void feed(Port& input, const Port& values) { input.replace(converted(values, input.get_element_type())); }

Port integers(const std::vector<std::int64_t>& values) {
    return ov::op::v0::Constant::create(ov::element::i64, ov::Shape{values.size()}, values);
}

/// `x` over and over along its first axis, until there are `rows` of it.
Port repeated(const Port& x, std::int64_t rows) {
    const auto own = x.get_partial_shape()[0].get_length();
    if (own == rows) return x;
    const ov::OutputVector copies(static_cast<std::size_t>(rows / own), x);
    return make_shared<ov::op::v0::Concat>(copies, 0);
}

Port first_rows(const Port& x, std::int64_t rows) {
    if (x.get_partial_shape()[0].compatible(rows)) return x;
    return make_shared<ov::op::v8::Slice>(x, integers({0}), integers({rows}), integers({1}), integers({0}));
}

/// One number as an array of that shape.
Port spread(const Port& number, const ov::Shape& shape) {
    return make_shared<ov::op::v1::Reshape>(repeated(number, static_cast<std::int64_t>(ov::shape_size(shape))),
                                            integers({shape.begin(), shape.end()}), /*special_zero=*/false);
}

/// The changed graph as a network of its own, whose output is used as an array of that `shape`.
std::shared_ptr<ov::Model> finished(const Graph& graph, const Port& output, const ov::PartialShape& shape,
                                    const ov::ParameterVector& inputs, const std::string& name) {
    auto model = make_shared<ov::Model>(ov::OutputVector{converted(output, ov::element::f32)}, inputs, name);
    if (model->output().get_partial_shape() != shape)
        fail("{}: its output is {}, but {} is needed", graph.where, shown(output), shape.to_string());
    return model;
}

ov::PartialShape latents(const LatentSize& size, int channels) { return {1, channels, size.height, size.width}; }

ov::PartialShape picture(const LatentSize& size, const ModelFacts& facts) {
    return {1, 3, facts.latents.downsampling * size.height, facts.latents.downsampling * size.width};
}

/// A network of one input and one output of four dimensions.
std::shared_ptr<ov::Model> half_of_vae(Graph graph, const ModelFacts& facts, const ov::PartialShape& from,
                                       const char* output, const ov::PartialShape& to, const char* name) {
    graph.reshape({from}, facts);
    const auto values = parameter(ov::element::f32, from, "values");
    feed(graph.inputs[0], values);
    return finished(graph, graph.output(output, 4), to, {values}, name);
}

}  // namespace

std::shared_ptr<ov::Model> text_encoder(const IrNetwork& network, const ModelFacts& facts, int text_width) {
    Graph graph(network, text_encoder_inputs());
    graph.reshape({{1, facts.text.token_count}}, facts);
    const auto ids = parameter(ov::element::i32, {1, facts.text.token_count}, "ids");
    feed(graph.inputs[0], ids);
    return finished(graph, graph.output("last_hidden_state", 3), {1, facts.text.token_count, text_width}, {ids},
                    "text encoder");
}

UNetGraph unet(const IrNetwork& network, const ModelFacts& facts, int text_width, const UNetKey& key) {
    const LatentSize& size = key.latents;
    const int rows = key.rows;
    Graph graph(network, unet_inputs());
    enum Input { sample, timestep, text };
    // If the batch is fixed, rows that are not needed are computed too.
    const ov::Dimension fixed_batch = graph.inputs[text].get_partial_shape()[0];
    const std::int64_t batch = fixed_batch.is_static() ? fixed_batch.get_length() : rows;
    if (batch < rows || batch % rows != 0)
        refuse("guidance_scale", "{}: this UNet takes {} rows of text, but guidance needs {}; draw with 1", graph.where,
               batch, rows);
    const int tokens = key.chunks * facts.text.token_count;
    if (!graph.inputs[text].get_partial_shape()[1].compatible(tokens))
        refuse("prompt",
               "{}: this UNet takes only {} tokens of text, and the prompts have {}; a `prompt_syntax` of plain cuts "
               "them off",
               graph.where, facts.text.token_count, tokens);
    const ov::PartialShape own_times = graph.inputs[timestep].get_partial_shape();
    const ov::Shape times = own_times.is_static() ? own_times.to_shape() : ov::Shape{1};
    const int channels = facts.latents.channels;
    graph.reshape({{batch, channels, size.height, size.width}, times, {batch, tokens, text_width}}, facts);

    const bool whole_timesteps = graph.inputs[timestep].get_element_type().is_integral_number();
    const auto new_sample = parameter(ov::element::f32, latents(size, channels), "sample");
    const auto new_timestep = parameter(ov::element::f32, {1, 1}, "timestep");
    const auto new_text = parameter(ov::element::f32, {rows, tokens, text_width}, "encoder_hidden_states");
    feed(graph.inputs[sample], repeated(new_sample, batch));
    feed(graph.inputs[timestep], spread(new_timestep, times));
    feed(graph.inputs[text], repeated(new_text, batch));
    return {finished(graph, first_rows(graph.output("out_sample", 4), rows), {rows, channels, size.height, size.width},
                     {new_sample, new_timestep, new_text}, "UNet"),
            [whole_timesteps](double t) {
                return std::vector{static_cast<float>(whole_timesteps ? std::nearbyint(t) : t)};
            }};
}

std::shared_ptr<ov::Model> vae_decoder(const IrNetwork& network, const ModelFacts& facts, const LatentSize& size) {
    return half_of_vae({network, vae_decoder_inputs(facts.latents.channels)}, facts,
                       latents(size, facts.latents.channels), "sample", picture(size, facts), "VAE decoder");
}

std::shared_ptr<ov::Model> vae_encoder(const IrNetwork& network, const ModelFacts& facts, const LatentSize& size) {
    return half_of_vae({network, vae_encoder_inputs()}, facts, picture(size, facts), "latent_parameters",
                       latents(size, 2 * facts.latents.channels), "VAE encoder");
}

}  // namespace easel::ir
