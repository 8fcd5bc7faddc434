#include "adapters/weight_changes.h"

#include <cmath>
#include <string_view>
#include <utility>

#include "weights/floats.h"

namespace easel {
namespace {

/// Sets the length of each row (over everything but the outputs), or of each input's values, to `lengths`.
void set_lengths(Values& weight, const TensorView& lengths) {
    const std::vector<float> wanted = floats_of(lengths.bytes, lengths.dtype);
    const bool by_output = lengths.shape.front() == weight.shape.front();
    const auto inputs = weight.shape.size() < 2 ? 1 : static_cast<std::size_t>(weight.shape[1]);
    const std::size_t columns = weight.columns(), kernel = columns / inputs;
    const auto group = [&](std::size_t i) { return by_output ? i / columns : i % columns / kernel; };
    std::vector<double> squares(wanted.size());
    for (std::size_t i = 0; i < weight.data.size(); ++i)
        squares[group(i)] += static_cast<double>(weight.data[i]) * weight.data[i];
    for (std::size_t i = 0; i < weight.data.size(); ++i)
        weight.data[i] *= wanted[group(i)] / static_cast<float>(std::sqrt(squares[group(i)]));
}

/// values += weight change
void change_weight(Values& values, const LoraLayer& layer, double weight) {
    if (!layer.kind) return;
    const std::vector<float> difference = layer.kind->difference(layer.parts);
    const auto lengths = layer.parts.find("dora_scale");
    const bool is_dora = lengths != layer.parts.end();
    Values changed = is_dora ? values : Values();
    Values& target = is_dora ? changed : values;
    const auto factor = static_cast<float>(is_dora ? layer.scale : weight * layer.scale);
    for (std::size_t i = 0; i < target.data.size(); ++i) target.data[i] += factor * difference[i];
    if (!is_dora) return;
    set_lengths(changed, lengths->second);
    for (std::size_t i = 0; i < values.data.size(); ++i)
        values.data[i] += static_cast<float>(weight) * (changed.data[i] - values.data[i]);
}

void change_bias(Values& values, const LoraLayer& layer, double weight) {
    for (const char* part : {"diff_b", "b_norm"}) {
        const auto found = layer.parts.find(part);
        if (found == layer.parts.end()) continue;
        const std::vector<float> difference = floats_of(found->second.bytes, found->second.dtype);
        for (std::size_t i = 0; i < difference.size(); ++i)
            values.data[i] += static_cast<float>(weight) * difference[i];
    }
}

/// The layer of a tensor, and whether it is the layer's weight or its bias.
struct TensorOfLayer {
    std::string_view layer;
    bool is_bias = false;
};

TensorOfLayer layer_of(std::string_view tensor) {
    const std::size_t dot = std::min(tensor.rfind('.'), tensor.size());
    return {.layer = tensor.substr(0, dot), .is_bias = tensor.ends_with(".bias")};
}

bool changes_tensor(const LoraLayer& layer, bool is_bias) {
    return is_bias ? layer.parts.contains("diff_b") || layer.parts.contains("b_norm") : layer.kind != nullptr;
}

/// The part of a file that is for one network, keeping all of it open.
void add(WeightChanges& changes, const std::shared_ptr<const LoraFile>& lora, const LoraLayers& layers, double weight) {
    if (!layers.empty() && weight != 0.0)
        changes.push_back({.layers = std::shared_ptr<const LoraLayers>(lora, &layers), .weight = weight});
}

}  // namespace

void add_changes(NetworkChanges& changes, const std::shared_ptr<const LoraFile>& lora, double unet_weight,
                 double text_encoder_weight) {
    add(changes.unet, lora, lora->unet, unet_weight);
    add(changes.text_encoder, lora, lora->text_encoder, text_encoder_weight);
    add(changes.text_encoder_2, lora, lora->text_encoder_2, text_encoder_weight);
}

Weights with_changes(const Weights& weights, WeightChanges changes) {
    return weights.with([changes = std::move(changes)](Weight weight) {
        if (!is_float(weight.dtype)) return weight;  // Weights::at() refuses it
        const auto [name, is_bias] = layer_of(weight.name);
        std::optional<Values> values;
        for (const WeightChange& change : changes) {
            const auto layer = change.layers->find(name);
            if (layer == change.layers->end() || !changes_tensor(layer->second, is_bias)) continue;
            if (!values) values = Values{.shape = weight.shape, .data = floats_of(weight.bytes, weight.dtype)};
            (is_bias ? change_bias : change_weight)(*values, layer->second, change.weight);
        }
        if (!values) return weight;
        auto bytes = std::make_shared<const std::vector<std::byte>>(bytes_of(values->data, weight.dtype));
        weight.bytes = *bytes;
        weight.owner = std::move(bytes);
        return weight;
    });
}

}  // namespace easel
