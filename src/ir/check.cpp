#include "ir/check.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <pugixml.hpp>

#include "base/error.h"
#include "base/quoted.h"
#include "ir/operations.h"

namespace easel {
namespace {

constexpr int deepest = 64;
constexpr std::ptrdiff_t most_attributes = 100;
constexpr std::size_t most_layers = 50'000;
/// The runtime follows chains of layers by recursion.
constexpr std::size_t longest_chain = 10'000;
constexpr std::uint64_t greatest_dimension = std::numeric_limits<std::int32_t>::max();

/// Bits of an element, by the type's name in an IR.
constexpr std::array<std::pair<std::string_view, std::uint64_t>, 24> element_bits = {{
    {"boolean", 8}, {"bf16", 16}, {"f16", 16}, {"f32", 32}, {"f64", 64},   {"i4", 4},     {"i8", 8},     {"i16", 16},
    {"i32", 32},    {"i64", 64},  {"u1", 1},   {"u2", 2},   {"u3", 3},     {"u4", 4},     {"u6", 6},     {"u8", 8},
    {"u16", 16},    {"u32", 32},  {"u64", 64}, {"nf4", 4},  {"f8e4m3", 8}, {"f8e5m2", 8}, {"f4e2m1", 4}, {"f8e8m0", 8},
}};

std::optional<std::uint64_t> whole_number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

/// Calls `use` for each part of `text` between separators.
template <typename Use>
void each_part(std::string_view text, std::string_view separators, Use use) {
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find_first_of(separators, begin), text.size());
        if (const std::string_view part = trimmed(text.substr(begin, end - begin)); !part.empty()) use(part);
        begin = end + 1;
    }
}

/// Multiplies by the side of a tensor; false where that gives more elements than a tensor may have.
bool multiply(std::uint64_t& elements, std::uint64_t side) {
    if (side != 0 && elements > most_elements / side) return false;
    elements *= side;
    return true;
}

class IrCheck {
  public:
    IrCheck(std::uint64_t bin_size, std::string_view where) : bin_size_(bin_size), where_(where) {}

    void run(std::string_view xml) {
        pugi::xml_document document;
        const pugi::xml_parse_result parsed = document.load_buffer(
            xml.data(), xml.size(), pugi::parse_default | pugi::parse_doctype, pugi::encoding_utf8);
        if (!parsed) fail("{}: is not readable XML ({})", where_, parsed.description());
        check_nodes(document);
        const pugi::xml_node net = document.document_element();
        const std::string_view version = net.attribute("version").value();
        if (std::string_view(net.name()) != "net" || (version != "10" && version != "11"))
            fail("{}: is not an OpenVINO IR of version 10 or 11", where_);
        for (const pugi::xml_node layer : net.child("layers").children()) check_layer(layer);
        if (layers_.empty()) fail("{}: has no layers", where_);
        check_edges(net.child("edges"));
    }

  private:
    /// Depth and kinds of all nodes, without recursion.
    void check_nodes(const pugi::xml_node& document) const {
        int depth = 0;
        std::size_t layers = 0;
        for (pugi::xml_node node = document.first_child(); node;) {
            const std::string_view name = node.name();
            if (node.type() == pugi::node_doctype) fail("{}: has a document type, which no IR needs", where_);
            if (depth >= deepest) fail("{}: its XML is nested more than {} levels deep", where_, deepest);
            if (std::distance(node.attributes_begin(), node.attributes_end()) > most_attributes)
                fail("{}: has an element of more than {} attributes", where_, most_attributes);
            if (name == "layer" && ++layers > most_layers) fail("{}: has more than {} layers", where_, most_layers);
            if (name == "body" || name == "then_body" || name == "else_body")
                fail("{}: has a network inside a layer, which Stable Diffusion's networks do not have", where_);
            if (node.first_child()) {
                node = node.first_child();
                ++depth;
                continue;
            }
            while (node && !node.next_sibling() && depth > 0) {
                node = node.parent();
                --depth;
            }
            node = node.next_sibling();
        }
    }

    void check_layer(const pugi::xml_node& layer) {
        const auto id = whole_number(layer.attribute("id").value());
        if (std::string_view(layer.name()) != "layer" || !id)
            fail("{}: has a layer whose id is not a whole number", where_);
        if (!layers_.try_emplace(*id, layers_.size()).second) fail("{}: has two layers with the id {}", where_, *id);
        check_operation(layer, *id);

        const pugi::xml_node data = layer.child("data");
        for (const pugi::xml_attribute attribute : data.attributes()) {
            const std::string_view name = attribute.name();
            if (name.ends_with("path") || name.ends_with("location") || name.ends_with("file"))
                fail("{}: the layer {} names the file {}; an IR whose data lies in other files is not opened", where_,
                     *id, in_quotes(attribute.value()));
        }
        each_part(data.attribute("shape").value(), ",[]", [&](std::string_view side) { check_dimension(side, *id); });
        for (const char* side : {"input", "output"})
            for (const pugi::xml_node port : layer.child(side).children("port")) check_port(port, *id);
        if (std::string_view(layer.attribute("type").value()) == "Const") check_constant(data, *id);
    }

    void check_operation(const pugi::xml_node& layer, std::uint64_t id) {
        const std::string_view type = layer.attribute("type").value(), set = layer.attribute("version").value();
        const auto operation = find_ir_operation(type);
        if (!operation)
            fail("{}: the layer {} is of the type {}, which Stable Diffusion's networks do not have", where_, id,
                 in_quotes(type));
        if (!set.starts_with("opset") || !whole_number(set.substr(5)))
            fail("{}: the layer {} is of the operation set {}, which is not one of OpenVINO's own", where_, id,
                 in_quotes(set));
        const auto ports = layer.child("input").children("port");
        const auto inputs = static_cast<std::size_t>(std::distance(ports.begin(), ports.end()));
        if (inputs < operation->least_inputs || inputs > operation->most_inputs)
            fail("{}: the layer {} is a {} of {} inputs", where_, id, type, inputs);
        inputs_.push_back(inputs);
    }

    /// A number, "?", "-1", or a range "2..8" ("..8", "2..").
    void check_dimension(std::string_view text, std::uint64_t layer) const {
        if (text == "?" || text == "-1") return;
        each_part(text, ".", [&](std::string_view bound) {
            const auto value = whole_number(bound);
            if (!value || *value > greatest_dimension)
                fail("{}: the layer {} has the impossible dimension {}", where_, layer, in_quotes(text));
        });
    }

    void check_port(const pugi::xml_node& port, std::uint64_t layer) const {
        std::uint64_t elements = 1;
        for (const pugi::xml_node dim : port.children("dim")) {
            const std::string_view text = trimmed(dim.child_value());
            check_dimension(text, layer);
            if (!multiply(elements, std::max<std::uint64_t>(1, whole_number(text).value_or(1))))
                fail("{}: a tensor of the layer {} has more than {} elements", where_, layer, most_elements);
        }
    }

    void check_constant(const pugi::xml_node& data, std::uint64_t layer) const {
        const auto offset = whole_number(data.attribute("offset").value());
        const auto size = whole_number(data.attribute("size").value());
        if (!offset || !size) fail("{}: the constant {} does not say where its data lies", where_, layer);
        if (*offset > bin_size_ || *size > bin_size_ - *offset)
            fail("{}: the constant {} reaches beyond the {} bytes of its .bin file (offset {}, size {})", where_, layer,
                 bin_size_, *offset, *size);

        const std::string_view type = data.attribute("element_type").value();
        const auto known = std::ranges::find(element_bits, type, [](const auto& entry) { return entry.first; });
        if (known == element_bits.end())
            fail("{}: the constant {} is of the type {}, which no network here has", where_, layer, in_quotes(type));
        std::uint64_t elements = 1;
        each_part(data.attribute("shape").value(), ",", [&](std::string_view side) {
            const auto value = whole_number(side);
            if (!value) fail("{}: the constant {} has no fixed shape", where_, layer);
            if (!multiply(elements, *value))
                fail("{}: the constant {} has more than {} elements", where_, layer, most_elements);
        });
        // Constants of types of less than a byte may be padded at their end.
        const std::uint64_t needed = (elements * known->second + 7) / 8;
        if (known->second >= 8 ? *size != needed : *size < needed)
            fail("{}: the constant {} of type {} and shape [{:.100}] needs {} bytes, but has {}", where_, layer, type,
                 data.attribute("shape").value(), needed, *size);
    }

    /// Kahn's algorithm, which also finds each layer's place in the longest chain to it.
    void check_edges(const pugi::xml_node& edges) const {
        std::vector<std::vector<std::size_t>> consumers(layers_.size());
        std::vector<std::size_t> open_inputs(layers_.size(), 0), chain(layers_.size(), 1);
        for (const pugi::xml_node edge : edges.children()) {
            const std::size_t from = layer_of(edge.attribute("from-layer").value());
            const std::size_t to = layer_of(edge.attribute("to-layer").value());
            consumers[from].push_back(to);
            ++open_inputs[to];
        }
        if (open_inputs != inputs_) fail("{}: has a layer whose inputs do not each come from one other layer", where_);
        std::vector<std::size_t> ready;
        for (std::size_t layer = 0; layer < open_inputs.size(); ++layer)
            if (open_inputs[layer] == 0) ready.push_back(layer);
        std::size_t done = 0;
        for (; !ready.empty(); ++done) {
            const std::size_t layer = ready.back();
            ready.pop_back();
            for (const std::size_t consumer : consumers[layer]) {
                chain[consumer] = std::max(chain[consumer], chain[layer] + 1);
                if (chain[consumer] > longest_chain)
                    fail("{}: has a chain of more than {} layers", where_, longest_chain);
                if (--open_inputs[consumer] == 0) ready.push_back(consumer);
            }
        }
        if (done != layers_.size()) fail("{}: its layers feed each other in a circle", where_);
    }

    std::size_t layer_of(const char* id) const {
        const auto number = whole_number(id);
        const auto found = number ? layers_.find(*number) : layers_.end();
        if (found == layers_.end()) fail("{}: has an edge to the layer {}, which is not there", where_, in_quotes(id));
        return found->second;
    }

    std::uint64_t bin_size_;
    std::string_view where_;
    /// The layers' ids, numbered in their order.
    std::map<std::uint64_t, std::size_t> layers_;
    /// How many inputs each has.
    std::vector<std::size_t> inputs_;
};

}  // namespace

void check_ir(std::string_view xml, std::uint64_t bin_size, std::string_view where) {
    IrCheck(bin_size, where).run(xml);
}

}  // namespace easel
