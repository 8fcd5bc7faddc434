#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <openvino/op/parameter.hpp>

#include "ir/ports.h"
#include "ir/reader.h"
#include "weights/model_facts.h"

/// What turns a network that was read into the form that easel runs.
namespace easel::ir {

using Port = ov::Output<ov::Node>;

/// A copy of a network, which may be changed, with its inputs.
struct EditedGraph {
    std::shared_ptr<ov::Model> model;
    std::vector<Port> inputs;
    /// The path of its .xml, for errors.
    std::string where;

    /// Throws as find_inputs() does.
    EditedGraph(const IrNetwork& network, const std::vector<WantedInput>& wanted);

    // As find_output().
    Port output(std::string_view name, int rank) const { return find_output(*model, name, rank, where); }
    Port output(std::string_view name) const { return find_output(*model, name, where); }

    /// Fixes the shapes of the inputs. Throws Error if one has another, and of kind `bad_request` if the network cannot
    /// be computed so.
    void reshape(const std::vector<ov::PartialShape>& shapes, const ModelFacts& facts) const;

    /// Of an input [rows, columns]. Throws Error unless it is fixed.
    std::int64_t columns(std::size_t input) const;

    /// Feeds an input with values of any type.
    void feed(std::size_t input, const Port& values);

    /// As a network of its own, whose output is used as an array of that `shape`; throws Error if it is another.
    std::shared_ptr<ov::Model> finished(const Port& output, const ov::PartialShape& shape,
                                        const ov::ParameterVector& new_inputs, const std::string& name) const;
};

std::shared_ptr<ov::op::v0::Parameter> parameter(const ov::element::Type& type, const ov::PartialShape& shape,
                                                 const char* name);

Port converted(const Port& values, const ov::element::Type& type);

Port integers(const std::vector<std::int64_t>& values);

/// `x` over and over along its first axis, until there are `rows` of it.
Port repeated(const Port& x, std::int64_t rows);

Port first_rows(const Port& x, std::int64_t rows);

/// The columns `begin` to `end` of [rows, columns].
Port column_range(const Port& x, std::int64_t begin, std::int64_t end);

/// One number as an array of that shape.
Port spread(const Port& number, const ov::Shape& shape);

}  // namespace easel::ir
