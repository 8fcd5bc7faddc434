#pragma once

#include <filesystem>
#include <string>

#include "train/data_file.h"
#include "train/model.h"
#include "train/network_weights.h"

namespace easel::train {

/// A LoRA (Hu et al. 2021): the model's weights stay, and a product of two thin matrices is learnt for some of them.
struct LoraOptions {
    std::int64_t rank = 8;
    /// The product counts alpha / rank; 0: as much as the rank.
    double alpha = 0;
    /// Which layers have one: "attention", the projections of the UNet's attentions; "transformers", all of its
    /// transformers, which is what kohya's scripts train; "all", the residual blocks' too. In the text encoder, if it
    /// is trained, all layers.
    std::string layers = "transformers";
};

/// Gives the layers of `model`, which is on its device already, their factors, the first ones drawn with `seed` and the
/// second zero, and freezes all else. Returns the factors: "unet.mid_block.attentions.0.proj_in.lora_down.weight" and
/// "....lora_up.weight". Throws Error about a field of `options` that is out of range.
Parameters add_lora(Model& model, const LoraOptions& options, bool text_encoder, std::uint64_t seed);

/// Writes such factors in kohya's names, as `dtype`, with the metadata that other programs show: the base model, rank
/// and alpha, and how often each part of a caption between commas occurs.
void write_lora(const std::filesystem::path& path, const Parameters& factors, const LoraOptions& options, DType dtype,
                const Checkpoint& base, const DataFile& data);

}  // namespace easel::train
