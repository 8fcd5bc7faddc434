#include "adapters/weight_changes.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "base/blocks.h"
#include "base/scratch_file.h"
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

/// values += factor * change; `rows` is room for it.
void add_rows(std::span<float> values, const RowsOfChange& change, std::size_t first, float factor,
              std::vector<float>& rows) {
    rows.resize(values.size());
    change(first, rows);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] += factor * rows[i];
}

/// The same for all of a weight.
void add_change(Values& values, const LoraLayer& layer, double factor) {
    std::vector<float> rows;
    add_rows(values.data, layer.kind->change(layer.parts), 0, static_cast<float>(factor * layer.scale), rows);
}

/// values += weight (what DoRA makes of them - values)
void change_by_dora(Values& values, const LoraLayer& layer, double weight) {
    Values changed = values;
    add_change(changed, layer, 1.0);
    set_lengths(changed, layer.parts.at("dora_scale"));
    for (std::size_t i = 0; i < values.data.size(); ++i)
        values.data[i] += static_cast<float>(weight) * (changed.data[i] - values.data[i]);
}

bool is_dora(const LoraLayer& layer) { return layer.parts.contains("dora_scale"); }

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

/// What one adapter changes in a layer.
struct LayerChange {
    const LoraLayer* layer;
    double weight;
};

/// A block of a weight stays in a processor's cache while it is widened, changed and rounded.
constexpr std::size_t values_in_block = 32768;

/// Room for a block, which a thread uses again: to give such memory back and get it anew, cleared, takes longer than to
/// fill it.
struct BlockRoom {
    std::vector<float> values, rows;
    std::vector<std::byte> bytes;
};

/// Weights below this many bytes stay in memory.
constexpr std::size_t least_in_file = std::size_t{1} << 20;

/// Replaces a weight's values by those that `bytes` holds.
void set_bytes(Weight& weight, std::vector<std::byte> bytes) {
    const auto owner = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
    weight.bytes = *owner;
    weight.owner = owner;
}

/// Merges all changes into a weight, a block of rows at a time, on all processors.
void merge_rows(Weight& weight, const std::vector<LayerChange>& changes, MappedFiles* merged) {
    std::vector<RowsOfChange> rows_of;
    for (const LayerChange& change : changes) rows_of.push_back(change.layer->kind->change(change.layer->parts));
    const auto rows = static_cast<std::size_t>(weight.shape.empty() ? 1 : weight.shape.front());
    const std::size_t bytes_of_row = weight.bytes.size() / rows;
    const std::size_t columns = bytes_of_row * 8 / bit_size(weight.dtype);
    const auto file =
        merged && weight.bytes.size() >= least_in_file ? ScratchFile::make(weight.bytes.size()) : std::nullopt;
    std::vector<std::byte> bytes(file ? 0 : weight.bytes.size());
    for_each_block(rows, std::max<std::size_t>(4, values_in_block / columns),
                   [&](std::size_t first, std::size_t count) {
                       const std::size_t begin = first * bytes_of_row, size = count * bytes_of_row;
                       thread_local BlockRoom room;
                       room.values.resize(count * columns);
                       read_as(weight.dtype, weight.bytes.subspan(begin, size), room.values);
                       for (std::size_t i = 0; i < changes.size(); ++i)
                           add_rows(room.values, rows_of[i], first,
                                    static_cast<float>(changes[i].weight * changes[i].layer->scale), room.rows);
                       if (file) room.bytes.resize(size);
                       const std::span<std::byte> target = file ? room.bytes : std::span(bytes).subspan(begin, size);
                       write_as(weight.dtype, room.values, target);
                       if (file) file->write(begin, target);
                   });
    if (!file) return set_bytes(weight, std::move(bytes));
    merged->push_back(file->map());
    weight.bytes = merged->back()->bytes();
    weight.owner = merged->back();
}

/// The same, all at once: DoRA needs whole columns.
void merge_whole(Weight& weight, const std::vector<LayerChange>& changes, bool is_bias) {
    Values values{.shape = weight.shape, .data = floats_of(weight.bytes, weight.dtype)};
    for (const auto& [layer, how_much] : changes) {
        if (is_bias)
            change_bias(values, *layer, how_much);
        else if (is_dora(*layer))
            change_by_dora(values, *layer, how_much);
        else
            add_change(values, *layer, how_much);
    }
    set_bytes(weight, bytes_of(values.data, weight.dtype));
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

Weights with_changes(const Weights& weights, WeightChanges changes, std::shared_ptr<MappedFiles> merged) {
    return weights.with([changes = std::move(changes), merged = std::move(merged)](Weight weight) {
        if (!is_float(weight.dtype)) return weight;  // Weights::at() refuses it
        const auto [name, is_bias] = layer_of(weight.name);
        std::vector<LayerChange> of_layer;
        for (const WeightChange& change : changes) {
            const auto layer = change.layers->find(name);
            if (layer == change.layers->end() || !changes_tensor(layer->second, is_bias)) continue;
            of_layer.push_back({&layer->second, change.weight});
        }
        if (of_layer.empty()) return weight;
        if (is_bias || std::ranges::any_of(of_layer, [](const LayerChange& each) { return is_dora(*each.layer); }))
            merge_whole(weight, of_layer, is_bias);
        else
            merge_rows(weight, of_layer, merged.get());
        return weight;
    });
}

}  // namespace easel
