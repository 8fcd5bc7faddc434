#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "adapters/layer_table.h"
#include "adapters/lora_kind.h"
#include "base/files.h"
#include "weights/safetensors.h"

namespace easel {

/// What a file changes in one layer.
struct LoraLayer {
    LoraParts parts;
    /// Of the change of the weight; null if only a bias is changed.
    const LoraKind* kind = nullptr;
    /// alpha / rank: what the change is multiplied by beside the user's weight.
    double scale = 1.0;
};

/// Layers by their diffusers names within a network.
using LoraLayers = std::map<std::string, LoraLayer, std::less<>>;

/// An opened file of changes to a model's weights: LoRA, LoCon, LoHa, LoKr, DoRA, whole differences. All of its layers
/// fit the model that it was opened for.
struct LoraFile {
    std::filesystem::path path;
    LoraLayers unet, text_encoder, text_encoder_2;
    /// Of all layers of the file, whether the model has them or not.
    std::size_t layer_count = 0;
    /// The layers that the model does not have, as the file calls them.
    std::vector<std::string> unknown;
    /// The ranks of the layers, if their kinds have one.
    std::set<std::int64_t> ranks;
    /// If the file is mapped: it holds the tensors that `parts` are views of.
    std::shared_ptr<const MappedFile> file;

    std::size_t applied_count() const { return unet.size() + text_encoder.size() + text_encoder_2.size(); }
    /// "applied 264 of 264 layers (rank 4 to 16)", with the first few of the unknown ones.
    std::string description() const;
};

/// Reads a LoRA for the model whose layers these are. Throws Error, naming the file: `unsupported` if it is for another
/// family, has parts of a kind that easel does not know, or no layer of the model; `damaged` if the parts of a layer
/// are incomplete or do not fit its weight. The rules are those of AUTOMATIC1111's and ComfyUI's readers; a file or
/// layer without alpha has the scale 1.
LoraFile read_lora(const std::filesystem::path& path, const SafetensorsContent& content, const LayerTable& layers);

/// read_lora() of the file at `path`, which stays mapped. Throws Error as SafetensorsFile does too.
LoraFile open_lora(const std::filesystem::path& path, const LayerTable& layers);

}  // namespace easel
