#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <openvino/core/model.hpp>

#include <easel/easel.h>

#include "adapters/layer_table.h"
#include "adapters/weight_changes.h"
#include "base/files.h"
#include "weights/checkpoint.h"
#include "weights/ip_adapter_file.h"
#include "weights/model_facts.h"

namespace easel {

/// The form of a network: as it is described, or the form that saves time and changes numbers by rounding only.
enum class NetworkForm { plain, fast };

/// Where one network of a model comes from, ready to be compiled. Each part has its own source, so that it can come
/// from a different file.
template <typename Graph, typename... Key>
struct NetworkSource {
    /// The network for a key (a size, ...), a new copy each time, all values f32 and all shapes fixed. Throws Error
    /// if it cannot be computed that way.
    std::function<Graph(const Key&...)> graph;
    /// The mapped files that its weights point into.
    MappedFiles files;
    /// The precision to compute it in ("f32", "bf16", "f16"); empty for that of the other networks.
    std::string precision;
};

struct TextEncoderKey {
    /// The layer that is used, counted from the last, which is 1.
    int clip_skip = 1;
    /// Of the first or only text encoder, and of the second.
    WeightChanges changes = {}, changes_2 = {};
    /// Whether it takes learned vectors in the place of tokens: two more inputs, `kept` [1, tokens, 1], which is 1
    /// where the token counts and 0 where a vector does, and `learned` [1, tokens, width], which is 0 where the token
    /// counts. With two text encoders there are two more for the second one, `kept_2` and `learned_2`.
    bool takes_vectors = false;
    bool operator==(const TextEncoderKey&) const = default;
};

struct UNetKey {
    LatentSize latents;
    /// Rows of text: 1 without guidance, with it 2, or more where the prompt has several parts.
    int rows = 1;
    /// Rows of the text encoders' output joined, of 77 tokens each.
    int chunks = 1;
    WeightChanges changes = {};
    /// Whether it takes what ControlNets give: more inputs, residual_shapes().
    bool takes_residuals = false;
    std::optional<FreeU> freeu = {};
    /// Two more inputs for each of them: see build_unet().
    std::vector<std::shared_ptr<const IpAdapterFile>> ip_adapters = {};
    bool operator==(const UNetKey&) const = default;
};

struct UNetGraph {
    std::shared_ptr<ov::Model> model;
    /// The values of its input `timestep`.
    std::function<std::vector<float>(double timestep)> encode_timestep;
    /// What goes behind these values, for a UNet that takes the guidance scale itself; empty for others.
    std::function<std::vector<float>(double guidance_scale)> encode_guidance = {};
    /// The values of a size id among the added conditions; empty for a UNet without them.
    std::function<std::vector<float>(double size_id)> encode_size = {};
    /// Of weights that were made for it, beside those of its source.
    MappedFiles files = {};
};

/// ids i32 [1, tokens] to [1, tokens, width]. Its first output is of the last layer; with a `clip_skip` above 1 the
/// second one is of the layer that it names. For two text encoders there is a second input of ids. Where the text
/// is pooled there is another output behind these, [1, tokens, pooled width], whose row at the end of the text is the
/// pooled vector.
using TextEncoderSource = NetworkSource<std::shared_ptr<ov::Model>, TextEncoderKey>;
/// sample [1, channels, h, w], timestep [1, k], text [rows, chunks * tokens, width] to [rows, channels, h, w]. A UNet
/// that is shown another picture in each row takes a sample [rows, channels, h, w].
using UNetSource = NetworkSource<UNetGraph, UNetKey, NetworkForm>;
/// The decoder: [1, channels, h, w] to [1, 3, f h, f w], f being LatentSpace::downsampling. The encoder:
/// [1, 3, f h, f w] to [1, 2 channels, h, w].
using VaeSource = NetworkSource<std::shared_ptr<ov::Model>, LatentSize>;

struct ControlNetKey {
    LatentSize latents;
    /// As of UNetKey; those that the network is run for.
    int rows = 1, chunks = 1;
    bool operator==(const ControlNetKey&) const = default;
};

/// As UNetSource, and an embedding [1, width, h, w], to residuals.
using ControlNetSource = NetworkSource<UNetGraph, ControlNetKey, NetworkForm>;
/// [1, 3, f h, f w] in 0..1 to [1, width, h, w].
using ControlEmbeddingSource = NetworkSource<std::shared_ptr<ov::Model>, LatentSize>;

/// A ControlNet in parts.
struct ControlNetNetworks {
    ControlNetConfig config;
    ControlEmbeddingSource embedding;
    ControlNetSource residuals;
    /// As of ModelNetworks.
    std::function<std::optional<std::string>()> weight_that_is_not_finite;
};

/// Both are built here once, to find problems with weights. `tokens` of each chunk of text. A sentence about weights
/// that are not used is added to `notes`.
ControlNetNetworks networks_of(Network<ControlNetConfig> network, int tokens, std::vector<std::string>& notes);

/// A model in parts.
struct ModelNetworks {
    ModelFacts facts;
    TextEncoderSource text_encoder;
    UNetSource unet;
    VaeSource vae_decoder, vae_encoder;
    /// A tiny VAE's decoder, which takes latents as they are, for previews. Without one they are colours of latents.
    std::optional<VaeSource> preview_decoder;
    /// The layers that adapters may change; empty for networks whose weights cannot be changed.
    LayerTable layers;
    /// Of a UNet that can take the residuals of ControlNets.
    std::optional<UNetConfig> controlled;
    /// Finds a weight that is NaN or infinite, "FILE: the UNet's tensor ...", or none. Reads all weights. Empty for
    /// networks whose weights cannot be read.
    std::function<std::optional<std::string>()> weight_that_is_not_finite;
};

/// The networks that are built from a checkpoint's weights. All of them except the VAE's encoder are built here once,
/// to find problems with weights before anything slow begins.
ModelNetworks networks_of(Checkpoint checkpoint);

}  // namespace easel
