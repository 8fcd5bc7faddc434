#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "networks/clip_text.h"
#include "networks/unet.h"
#include "networks/vae.h"
#include "networks/weight_use.h"
#include "runtime/network_source.h"

namespace easel {
namespace {

ModelFacts facts_of(const Checkpoint& checkpoint) {
    const TextEncoderConfig& text = checkpoint.text_encoder.config;
    const VaeConfig& vae = checkpoint.vae.config;
    const int native = checkpoint.unet.config.sample_size;
    const bool is_folder = checkpoint.layout == Checkpoint::Layout::diffusers_folder;
    return {.identity = {.path = checkpoint.path,
                         .name = checkpoint.name,
                         .family = std::string(row_of(checkpoint.family).name),
                         .layout = is_folder ? "diffusers folder" : "single file",
                         .weight_bytes = checkpoint.text_encoder.weights.total_bytes() +
                                         checkpoint.unet.weights.total_bytes() + checkpoint.vae.weights.total_bytes(),
                         .description = checkpoint.description()},
            .latents = {.channels = vae.latent_channels,
                        .downsampling = vae.downsampling(),
                        .scaling_factor = vae.scaling_factor,
                        .shift_factor = vae.shift_factor,
                        .colours = stable_diffusion_1_colours()},
            .sizes = {.native = {native, native}},
            .text = {.layers = text.num_hidden_layers,
                     .token_count = text.max_position_embeddings,
                     .vocabulary_size = text.vocab_size,
                     .width = text.hidden_size},
            .usual_steps = is_folder ? 32 : 20,
            .scheduler_config = checkpoint.scheduler_config,
            .easel_json = checkpoint.easel_json,
            .notes = checkpoint.notes};
}

/// A copy of a network that was built once, for fixed shapes. The weights are not copied.
std::shared_ptr<ov::Model> reshaped(const ov::Model& graph, const std::map<std::string, ov::PartialShape>& shapes) {
    auto copy = graph.clone();
    copy->reshape(shapes);
    return copy;
}

void add_note(std::vector<std::string>& notes, std::optional<std::string> note) {
    if (note) notes.push_back(*std::move(note));
}

TextEncoderSource text_encoder_of(Network<TextEncoderConfig> network, std::vector<std::string>& notes) {
    const WeightUse use(network.weights);
    const auto last_layer = build_clip_text(use.weights(), network.config);
    add_note(notes, use.note());
    MappedFiles files = network.weights.files();
    auto graph = [network = std::move(network), last_layer](const TextEncoderKey& key) {
        const TextEncoderConfig& config = network.config;
        const auto build = [&] {
            const std::vector<int> layers = key.clip_skip == 1 ? std::vector{1} : std::vector{1, key.clip_skip};
            return build_clip_text(with_changes(network.weights, key.changes), config, layers, key.takes_vectors);
        };
        const bool is_built = key.clip_skip == 1 && key.changes.empty() && !key.takes_vectors;
        const int tokens = config.max_position_embeddings;
        std::map<std::string, ov::PartialShape> shapes = {{"input_ids", {1, tokens}}};
        if (key.takes_vectors) {
            shapes["kept"] = {1, tokens, 1};
            shapes["learned"] = {1, tokens, config.hidden_size};
        }
        return reshaped(is_built ? *last_layer : *build(), shapes);
    };
    return {.graph = std::move(graph), .files = std::move(files)};
}

UNetSource unet_of(Network<UNetConfig> network, int tokens, std::vector<std::string>& notes) {
    const WeightUse use(network.weights);
    const auto fast = build_unet(use.weights(), network.config, UNetInputs::shared);
    add_note(notes, use.note());
    MappedFiles files = network.weights.files();
    auto graph = [network = std::move(network), fast, tokens](const UNetKey& key, NetworkForm form) {
        const UNetConfig& config = network.config;
        const auto build = [&] {
            return build_unet(with_changes(network.weights, key.changes), config,
                              form == NetworkForm::fast ? UNetInputs::shared : UNetInputs::repeated, ov::element::f32,
                              key.takes_residuals);
        };
        const bool is_built = form == NetworkForm::fast && key.changes.empty() && !key.takes_residuals;
        const auto [height, width] = key.latents;
        std::map<std::string, ov::PartialShape> shapes = {
            {"sample", {1, config.in_channels, height, width}},
            {"encoder_hidden_states", {key.rows, key.chunks * tokens, config.cross_attention_dim}}};
        if (key.takes_residuals)
            for (const ov::PartialShape& shape : residual_shapes(config, key.rows, height, width))
                shapes.emplace(residual_name(shapes.size() - 2), shape);
        return UNetGraph{
            reshaped(is_built ? *fast : *build(), shapes),
            [channels = config.levels.front().width, flip = config.flip_sin_to_cos, shift = config.freq_shift](
                double timestep) { return timestep_sinusoid(timestep, channels, flip, shift); }};
    };
    return {.graph = std::move(graph), .files = std::move(files)};
}

VaeSource vae_decoder_of(const Network<VaeConfig>& network, std::vector<std::string>& notes) {
    const WeightUse use(network.weights);
    auto built = build_vae_decoder(use.weights(), network.config);
    add_note(notes, use.note(weights_of_vae_encoder()));
    auto graph = [built = std::move(built), channels = network.config.latent_channels](const LatentSize& size) {
        return reshaped(*built, {{"latents", {1, channels, size.height, size.width}}});
    };
    return {.graph = std::move(graph), .files = network.weights.files()};
}

VaeSource vae_encoder_of(Network<VaeConfig> network) {
    MappedFiles files = network.weights.files();
    auto graph = [network = std::move(network)](const LatentSize& size) {
        const auto& [config, weights] = network;
        auto model = build_vae_encoder(weights, config);
        model->reshape(ov::PartialShape{1, config.in_channels, config.downsampling() * size.height,
                                        config.downsampling() * size.width});
        return model;
    };
    return {.graph = std::move(graph), .files = std::move(files)};
}

}  // namespace

ModelNetworks networks_of(Checkpoint checkpoint) {
    const int tokens = checkpoint.text_encoder.config.max_position_embeddings;
    ModelNetworks networks{.facts = facts_of(checkpoint)};
    networks.weight_that_is_not_finite = [all = std::vector{checkpoint.text_encoder.weights, checkpoint.unet.weights,
                                                            checkpoint.vae.weights}]() -> std::optional<std::string> {
        for (const Weights& weights : all)
            if (const auto name = easel::weight_that_is_not_finite(weights))
                return fmt::format("{}: the {}'s tensor {}", weights.where(), weights.network(), *name);
        return std::nullopt;
    };
    networks.layers = LayerTable(checkpoint);
    networks.controlled = checkpoint.unet.config;
    std::vector<std::string>& notes = networks.facts.notes;
    networks.text_encoder = text_encoder_of(std::move(checkpoint.text_encoder), notes);
    networks.unet = unet_of(std::move(checkpoint.unet), tokens, notes);
    networks.vae_decoder = vae_decoder_of(checkpoint.vae, notes);
    networks.vae_encoder = vae_encoder_of(std::move(checkpoint.vae));
    return networks;
}

}  // namespace easel
