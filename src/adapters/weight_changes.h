#pragma once

#include <memory>
#include <vector>

#include "adapters/lora_file.h"
#include "weights/weights.h"

namespace easel {

/// The layers of one adapter in one network, and how much of their changes is added.
struct WeightChange {
    /// Keeps its file open.
    std::shared_ptr<const LoraLayers> layers;
    double weight = 1.0;
    bool operator==(const WeightChange&) const = default;
};

/// In the order in which they are merged.
using WeightChanges = std::vector<WeightChange>;

/// What LoRAs change in each network.
struct NetworkChanges {
    WeightChanges text_encoder, text_encoder_2, unet;
};

/// Adds what a file changes, so much of it in the UNet and in the text encoders; it stays open.
void add_changes(NetworkChanges& changes, const std::shared_ptr<const LoraFile>& lora, double unet_weight,
                 double text_encoder_weight);

/// The weights with all changes merged as a builder takes them: W + weight scale D for each change in turn, in f32,
/// then rounded to the type that W has. With DoRA (Liu et al. 2024) W + weight (W' - W), W' being W + scale D with each
/// row's or column's length set to the file's. If `merged` is given, large weights lie in temporary files, which it
/// receives, so that their pages can be released too.
Weights with_changes(const Weights& weights, WeightChanges changes, std::shared_ptr<MappedFiles> merged = nullptr);

}  // namespace easel
