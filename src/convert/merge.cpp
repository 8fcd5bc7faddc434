#include "convert/merge.h"

#include <memory>
#include <utility>

#include <fmt/format.h>

#include "adapters/layer_table.h"
#include "adapters/lora_file.h"
#include "adapters/weight_changes.h"
#include "weights/floats.h"

namespace easel {
namespace {

/// Takes each weight that is changed once.
Weights merged(const Weights& weights, WeightChanges changes, const std::stop_token& stop) {
    if (changes.empty()) return weights;
    const Weights changed = with_changes(weights, std::move(changes));
    Weights result = weights;
    for (const std::string& name : weights.names()) {
        if (stop.stop_requested()) throw Cancelled();
        const Weight before = *weights.find(name);
        if (!is_float(before.dtype)) continue;
        const Weight after = changed.at(name);
        if (after.bytes.data() != before.bytes.data()) result.add(after);
    }
    return result;
}

}  // namespace

Checkpoint merged_with(const std::vector<Lora>& loras, const Checkpoint& checkpoint,
                       const std::function<void(const std::string&)>& note, const std::stop_token& stop) {
    const LayerTable layers(checkpoint);
    NetworkChanges changes;
    for (const Lora& lora : loras) {
        const auto file = std::make_shared<const LoraFile>(open_lora(lora.file, layers));
        note(fmt::format("{}: {}", lora.file.filename().string(), file->description()));
        add_changes(changes, file, lora.weight, lora.text_encoder_weight.value_or(lora.weight));
    }
    Checkpoint result = checkpoint;
    result.unet.weights = merged(checkpoint.unet.weights, std::move(changes.unet), stop);
    result.text_encoder.weights = merged(checkpoint.text_encoder.weights, std::move(changes.text_encoder), stop);
    if (checkpoint.text_encoder_2)
        result.text_encoder_2->weights =
            merged(checkpoint.text_encoder_2->weights, std::move(changes.text_encoder_2), stop);
    return result;
}

}  // namespace easel
