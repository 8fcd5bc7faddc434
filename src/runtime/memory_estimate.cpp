#include "runtime/memory_estimate.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include <openvino/op/constant.hpp>

#include "runtime/precisions.h"

namespace easel {
namespace {

using Nodes = std::vector<std::shared_ptr<ov::Node>>;

std::uint64_t values_of(const ov::Output<ov::Node>& output) {
    return output.get_partial_shape().is_static() ? ov::shape_size(output.get_shape()) : 0;
}

/// Intermediate values that exist at one time, at most, when `nodes` are computed in their order.
std::uint64_t most_values_at_once(const Nodes& nodes) {
    std::unordered_map<const ov::Node*, std::size_t> last_use;
    for (std::size_t i = 0; i < nodes.size(); ++i)
        for (const auto& input : nodes[i]->inputs()) last_use[input.get_source_output().get_node()] = i;

    std::uint64_t now = 0, most = 0;
    std::vector<std::uint64_t> let_go(nodes.size());
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (ov::is_type<ov::op::v0::Constant>(nodes[i])) continue;
        std::uint64_t own = 0;
        for (const auto& output : nodes[i]->outputs()) own += values_of(output);
        now += own;
        most = std::max(most, now);
        let_go[std::max(i, last_use[nodes[i].get()])] += own;
        now -= let_go[i];
    }
    return most;
}

std::uint64_t estimate(const Runtime& runtime, const ov::Model& model, const std::string& precision) {
    return estimated_memory(model, element_type(precision.empty() ? runtime.precision() : precision));
}

}  // namespace

std::uint64_t estimated_memory(const ov::Model& model, const ov::element::Type& precision) {
    const Nodes nodes = model.get_ordered_ops();
    std::uint64_t values = most_values_at_once(nodes);
    for (const auto& node : nodes)
        if (ov::is_type<ov::op::v0::Constant>(node)) values += values_of(node->output(0));
    return values * precision.size();
}

std::uint64_t estimated_memory(const Runtime& runtime, const TextEncoderSource& source, const TextEncoderKey& key) {
    return estimate(runtime, *source.graph(key), source.precision);
}

std::uint64_t estimated_memory(const Runtime& runtime, const UNetSource& source, const UNetKey& key) {
    return estimate(runtime, *source.graph(key, runtime.form()).model, source.precision);
}

std::uint64_t estimated_memory(const Runtime& runtime, const VaeSource& source, const LatentSize& size) {
    return estimate(runtime, *source.graph(size), source.precision);
}

std::uint64_t estimated_memory(const Runtime& runtime, const ControlNetNetworks& source, const ControlNetKey& key) {
    return estimate(runtime, *source.embedding.graph(key.latents), source.embedding.precision) +
           estimate(runtime, *source.residuals.graph(key, runtime.form()).model, source.residuals.precision);
}

}  // namespace easel
