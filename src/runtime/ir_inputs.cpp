#include "runtime/ir_inputs.h"

#include <algorithm>

#include <fmt/ranges.h>

#include "base/error.h"

namespace easel {
namespace {

using Port = ov::Output<ov::Node>;

bool has_name(const Port& port, std::string_view name) {
    return port.get_node()->get_friendly_name() == name || port.get_names().contains(std::string(name));
}

bool fits(const ov::element::Type& type, WantedInput::Type wanted) {
    const bool integer = type == ov::element::i32 || type == ov::element::i64;
    const bool real = type.is_real() && type.bitwidth() >= 16;
    switch (wanted) {
        case WantedInput::Type::integer:
            return integer;
        case WantedInput::Type::real:
            return real;
        case WantedInput::Type::number:
            return integer || real;
    }
    return false;
}

bool fits(const Port& port, const WantedInput& wanted) {
    return fits(port.get_element_type(), wanted.type) &&
           std::ranges::any_of(wanted.shapes, [&](const ov::PartialShape& shape) {
               return port.get_partial_shape().compatible(shape);
           });
}

std::string shown(const WantedInput& wanted) {
    const char* const type = wanted.type == WantedInput::Type::real      ? "real"
                             : wanted.type == WantedInput::Type::integer ? "i32 or i64"
                                                                         : "of any type";
    return fmt::format("{} {} {}", wanted.names.front(), type, wanted.shapes.front().to_string());
}

}  // namespace

std::string shown(const Port& port) {
    const auto& names = port.get_names();
    const std::string name = names.empty() ? port.get_node()->get_friendly_name() : *std::ranges::min_element(names);
    return fmt::format("{} {} {}", name, port.get_element_type().to_string(), port.get_partial_shape().to_string());
}

std::vector<Port> find_inputs(const ov::Model& model, const std::vector<WantedInput>& wanted, std::string_view where) {
    std::vector<Port> left;
    for (const auto& parameter : model.get_parameters()) left.push_back(parameter->output(0));
    const auto all = left;
    const auto mismatch = [&] {
        std::vector<std::string> have, need;
        for (const Port& port : all) have.push_back(shown(port));
        for (const WantedInput& input : wanted) need.push_back(shown(input));
        fail("{}: its inputs are {}, but {} are needed", where, fmt::join(have, "; "), fmt::join(need, "; "));
    };
    if (left.size() != wanted.size()) mismatch();

    std::vector<Port> found(wanted.size());
    const auto take = [&](std::size_t index, std::vector<Port>::iterator port) {
        if (!fits(*port, wanted[index])) mismatch();
        found[index] = *port;
        left.erase(port);
    };
    for (std::size_t i = 0; i < wanted.size(); ++i)
        for (const std::string_view name : wanted[i].names) {
            const auto port =
                std::ranges::find_if(left, [&](const Port& candidate) { return has_name(candidate, name); });
            if (port == left.end()) continue;
            take(i, port);
            break;
        }
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (found[i].get_node_shared_ptr()) continue;
        const auto is_such = [&](const Port& candidate) { return fits(candidate, wanted[i]); };
        if (std::ranges::count_if(left, is_such) != 1) mismatch();
        take(i, std::ranges::find_if(left, is_such));
    }
    return found;
}

}  // namespace easel
