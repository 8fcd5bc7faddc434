#include "weights/open_clip.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "weights/names.h"

namespace easel {
namespace {

constexpr std::string_view stacked = "self_attn.q_proj.";
constexpr std::string_view parts[] = {"self_attn.q_proj.", "self_attn.k_proj.", "self_attn.v_proj."};

/// `name`, which has the first of `parts`, with another of them.
std::string with_part(std::string name, std::string_view part) {
    return name.replace(name.find(stacked), stacked.size(), part);
}

/// Adds the three thirds of `tensor`, named after the first of them.
void add_thirds(NamedTensors& to, const std::string& name, const TensorView& tensor, std::string_view where) {
    const std::int64_t rows = tensor.shape.empty() ? 0 : tensor.shape.front();
    if (rows % 3 != 0 || rows == 0)
        fail(ErrorKind::damaged,
             "{}: the text encoder's tensor {} has the shape [{}], but queries, keys and values make three equal parts",
             where, tensor.name, fmt::join(tensor.shape, ", "));
    const Weight whole{
        .name = tensor.name, .dtype = tensor.dtype, .shape = tensor.shape, .bytes = tensor.bytes, .owner = {}};
    std::int64_t first = 0;
    for (const std::string_view part : parts) {
        const Weight third = rows_of(whole, first, rows / 3);
        to[with_part(name, part)] = {
            .name = tensor.name, .dtype = third.dtype, .shape = third.shape, .bytes = third.bytes};
        first += rows / 3;
    }
}

/// Three weights of one shape in one.
Weight stacked_of(const std::vector<Weight>& thirds, std::string_view where) {
    auto bytes = std::make_shared<std::vector<std::byte>>();
    for (const Weight& third : thirds) {
        if (third.dtype != thirds.front().dtype || third.shape != thirds.front().shape)
            fail(ErrorKind::unsupported,
                 "{}: the text encoder's {} and {} are of different types or shapes, so OpenCLIP's layout cannot hold "
                 "them; convert to one precision",
                 where, thirds.front().name, third.name);
        bytes->insert(bytes->end(), third.bytes.begin(), third.bytes.end());
    }
    Weight whole = thirds.front();
    whole.shape.front() *= 3;
    whole.bytes = *bytes;
    whole.owner = bytes;
    return whole;
}

std::string layer_prefix(int layer) { return fmt::format("text_model.encoder.layers.{}.", layer); }

bool has_layer(const NamedTensors& tensors, int layer) {
    const auto entry = tensors.lower_bound(layer_prefix(layer));
    return entry != tensors.end() && entry->first.starts_with(layer_prefix(layer));
}

}  // namespace

NamedTensors from_open_clip(const NamedTensors& tensors, std::string_view where) {
    const NameTable names = open_clip_names();
    NamedTensors result;
    for (const auto& [open_clip_name, tensor] : tensors) {
        const std::string name = names.to_diffusers(open_clip_name);
        if (name.find(stacked) != std::string::npos)
            add_thirds(result, name, tensor, where);
        else
            result[name] = tensor;
    }
    return result;
}

std::vector<Weight> to_open_clip(const Weights& weights) {
    const NameTable names = open_clip_names();
    std::vector<Weight> result;
    for (const std::string& name : weights.names()) {
        Weight weight = *weights.find(name);
        if (name.find(parts[1]) != std::string::npos || name.find(parts[2]) != std::string::npos) continue;
        if (name.find(stacked) != std::string::npos) {
            std::vector<Weight> thirds;
            for (const std::string_view part : parts)
                if (auto third = weights.find(with_part(name, part))) thirds.push_back(*std::move(third));
            if (thirds.size() == std::size(parts)) weight = stacked_of(thirds, weights.where());
        }
        if (name == "text_projection.weight") weight = transposed(weight);
        weight.name = names.from_diffusers(name);
        result.push_back(std::move(weight));
    }
    return result;
}

void repeat_last_layer(std::vector<Weight>& weights) {
    const auto prefix = [](int layer) { return fmt::format("transformer.resblocks.{}.", layer); };
    const auto is_in = [&](const Weight& weight, int layer) { return weight.name.starts_with(prefix(layer)); };
    int layers = 0;
    while (std::ranges::any_of(weights, [&](const Weight& weight) { return is_in(weight, layers); })) ++layers;
    const std::size_t count = weights.size();
    for (std::size_t i = 0; i < count; ++i) {
        if (layers == 0 || !is_in(weights[i], layers - 1)) continue;
        Weight copy = weights[i];
        copy.name.replace(0, prefix(layers - 1).size(), prefix(layers));
        weights.push_back(std::move(copy));
    }
}

void drop_last_layer(NamedTensors& tensors) {
    int layers = 0;
    while (has_layer(tensors, layers)) ++layers;
    std::erase_if(tensors,
                  [&](const auto& entry) { return layers > 1 && entry.first.starts_with(layer_prefix(layers - 1)); });
}

nlohmann::json inferred_open_clip_config(const NamedTensors& tensors, std::string_view where) {
    nlohmann::json config = inferred_text_encoder_config(tensors, where);
    config["hidden_act"] = "gelu";
    if (const auto found = tensors.find("text_projection.weight");
        found != tensors.end() && found->second.shape.size() == 2)
        config["projection_dim"] = found->second.shape[found->second.name.ends_with("text_projection") ? 1 : 0];
    return config;
}

}  // namespace easel
