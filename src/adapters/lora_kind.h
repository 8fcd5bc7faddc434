#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/values.h"
#include "weights/safetensors.h"

namespace easel {

/// What a file has for one layer, by kohya's names of the parts ("lora_up.weight", "hada_w1_a", "diff_b").
using LoraParts = std::map<std::string, TensorView, std::less<>>;

/// Computes rows of a change, a weight being the matrix [outputs, all others]: from the one at `first` to as many as
/// `rows` has room for. May be called by several threads at once.
using RowsOfChange = std::function<void(std::size_t first, std::span<float> rows)>;

/// A way to write down the change of a weight in fewer numbers.
struct LoraKind {
    /// As people call it: "LoHa".
    std::string_view name;
    /// The change has this kind if one of these parts is there.
    std::span<const std::string_view> marks;
    /// Whether the parts are complete and give a change to a weight of that shape, [out, in, kernel ...].
    bool (*fits)(const LoraParts& parts, std::span<const std::int64_t> shape);
    /// What alpha is divided by; none if alpha does not count. `parts` fit.
    std::optional<std::int64_t> (*rank)(const LoraParts& parts);
    /// The change, unscaled. `parts` fit, and stay while it is used.
    RowsOfChange (*change)(const LoraParts& parts);
};

/// The kind of a layer's parts; null if they change no weight, as a bias alone does. Sources: LyCORIS's
/// lycoris/functional, AUTOMATIC1111's network_*.py, ComfyUI's comfy/weight_adapter.
const LoraKind* lora_kind(const LoraParts& parts);

/// Whether that is a part of some kind, or one that goes with every kind ("alpha", "dora_scale", "diff_b").
bool is_lora_part(std::string_view part);

}  // namespace easel
