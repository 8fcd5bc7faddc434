#include "adapters/layer_table.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "weights/names.h"

namespace easel {
namespace {

/// What a network's layers have before their names.
struct Prefixes {
    std::string_view diffusers, kohya;
};

constexpr Prefixes prefixes_of(AdaptedNetwork network) {
    switch (network) {
        case AdaptedNetwork::unet:
            return {"unet.", "lora_unet_"};
        case AdaptedNetwork::text_encoder:
            return {"text_encoder.", "lora_te_"};
        case AdaptedNetwork::text_encoder_2:
            return {"text_encoder_2.", "lora_te2_"};
    }
    return {};
}

std::string diffusers_name(const AdaptedLayer& layer) {
    return fmt::format("{}{}", diffusers_prefix(layer.network), layer.name);
}

std::vector<std::int64_t> shape_of(const Weights& weights, const std::string& name) {
    const std::optional<Weight> weight = weights.find(name);
    return weight ? weight->shape : std::vector<std::int64_t>();
}

/// Calls `take` with each layer whose weight has elements, and the weight's name.
template <typename Take>
void for_each_layer(const Weights& weights, AdaptedNetwork network, Take take) {
    constexpr std::string_view ending = ".weight";
    for (const std::string& weight : weights.names()) {
        if (!weight.ends_with(ending)) continue;
        const std::string name = weight.substr(0, weight.size() - ending.size());
        const AdaptedLayer layer{.network = network,
                                 .name = name,
                                 .weight_shape = shape_of(weights, weight),
                                 .bias_shape = shape_of(weights, name + ".bias")};
        const bool has_elements =
            !layer.weight_shape.empty() && std::ranges::find(layer.weight_shape, 0) == layer.weight_shape.end();
        if (has_elements) take(layer, weight);
    }
}

}  // namespace

std::string_view diffusers_prefix(AdaptedNetwork network) { return prefixes_of(network).diffusers; }

std::string kohya_name(AdaptedNetwork network, std::string layer) {
    std::ranges::replace(layer, '.', '_');
    return fmt::format("{}{}", prefixes_of(network).kohya, layer);
}

LayerTable::LayerTable(const Checkpoint& checkpoint) : family_(checkpoint.family) {
    const NameTable original = original_unet_names(checkpoint.unet.config);
    for_each_layer(
        checkpoint.unet.weights, AdaptedNetwork::unet, [&](const AdaptedLayer& layer, const std::string& weight) {
            std::string old = original.from_diffusers(weight);
            old.resize(old.rfind('.'));
            const std::string name = layer.name;
            add(layer,
                {diffusers_name(layer), kohya_name(AdaptedNetwork::unet, name), kohya_name(AdaptedNetwork::unet, old)});
        });
    for_each_layer(checkpoint.text_encoder.weights, AdaptedNetwork::text_encoder,
                   [&](const AdaptedLayer& layer, const std::string&) {
                       const std::string kohya = kohya_name(AdaptedNetwork::text_encoder, layer.name);
                       // Scripts for Stable Diffusion XL number the text encoders.
                       const std::string numbered = "lora_te1_" + kohya.substr(std::string_view("lora_te_").size());
                       add(layer, {diffusers_name(layer), kohya, numbered});
                   });
    if (checkpoint.text_encoder_2)
        for_each_layer(checkpoint.text_encoder_2->weights, AdaptedNetwork::text_encoder_2,
                       [&](const AdaptedLayer& layer, const std::string&) {
                           add(layer, {diffusers_name(layer), kohya_name(layer.network, layer.name)});
                       });
}

const AdaptedLayer* LayerTable::find(std::string_view name) const {
    const auto found = index_.find(name);
    return found == index_.end() ? nullptr : &layers_[found->second];
}

void LayerTable::add(AdaptedLayer layer, const std::vector<std::string>& names) {
    for (const std::string& name : names) index_.emplace(name, layers_.size());
    layers_.push_back(std::move(layer));
}

}  // namespace easel
