#include "ir/edited_graph.h"

#include <map>

#include <openvino/core/except.hpp>
#include <openvino/op/concat.hpp>
#include <openvino/op/constant.hpp>
#include <openvino/op/convert.hpp>
#include <openvino/op/reshape.hpp>
#include <openvino/op/slice.hpp>

#include "base/error.h"

namespace easel::ir {

using std::make_shared;

EditedGraph::EditedGraph(const IrNetwork& network, const std::vector<WantedInput>& wanted)
    : model(network.model->clone()), inputs(find_inputs(*model, wanted, network.where)), where(network.where) {}

void EditedGraph::reshape(const std::vector<ov::PartialShape>& shapes, const ModelFacts& facts) const {
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
               "`width` and a `height` that are multiples of {}",
               where, shapes.front().to_string(), facts.latents.downsampling * facts.sizes.step);
    }
}

std::int64_t EditedGraph::columns(std::size_t input) const {
    const ov::Dimension own = inputs[input].get_partial_shape()[1];
    if (own.is_dynamic()) fail("{}: its input {} does not fix its width", where, shown(inputs[input]));
    return own.get_length();
}

void EditedGraph::feed(std::size_t input, const Port& values) {
    inputs[input].replace(converted(values, inputs[input].get_element_type()));
}

std::shared_ptr<ov::Model> EditedGraph::finished(const Port& output, const ov::PartialShape& shape,
                                                 const ov::ParameterVector& new_inputs, const std::string& name) const {
    auto network = make_shared<ov::Model>(ov::OutputVector{converted(output, ov::element::f32)}, new_inputs, name);
    if (network->output().get_partial_shape() != shape)
        fail("{}: its output is {}, but {} is needed", where, shown(output), shape.to_string());
    return network;
}

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

Port integers(const std::vector<std::int64_t>& values) {
    return ov::op::v0::Constant::create(ov::element::i64, ov::Shape{values.size()}, values);
}

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

Port column_range(const Port& x, std::int64_t begin, std::int64_t end) {
    return make_shared<ov::op::v8::Slice>(x, integers({begin}), integers({end}), integers({1}), integers({1}));
}

Port spread(const Port& number, const ov::Shape& shape) {
    return make_shared<ov::op::v1::Reshape>(repeated(number, static_cast<std::int64_t>(ov::shape_size(shape))),
                                            integers({shape.begin(), shape.end()}), /*special_zero=*/false);
}

}  // namespace easel::ir
