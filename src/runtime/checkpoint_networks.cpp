#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "networks/clip_text.h"
#include "networks/unet.h"
#include "networks/weight_use.h"
#include "runtime/network_source.h"
#include "runtime/vae_sources.h"

namespace easel {
namespace {

ModelFacts facts_of(const Checkpoint& checkpoint) {
    const TextEncoderConfig& text = checkpoint.text_encoder.config;
    const VaeConfig& vae = checkpoint.vae.config;
    const FamilyRow& family = row_of(checkpoint.family);
    const int native = checkpoint.unet.config.sample_size;
    const UNetVariant& variant = *unet_variant(checkpoint.unet.config.in_channels, vae.latent_channels);
    const bool is_folder = checkpoint.layout == Checkpoint::Layout::diffusers_folder;
    return {.identity = {.path = checkpoint.path,
                         .name = checkpoint.name,
                         .family = std::string(family.name),
                         .layout = is_folder ? "diffusers folder" : "single file",
                         .weight_bytes = checkpoint.total_bytes(),
                         .description = checkpoint.description()},
            .latents = {.channels = vae.latent_channels,
                        .downsampling = vae.downsampling(),
                        .scaling_factor = vae.scaling_factor,
                        .shift_factor = vae.shift_factor,
                        .colours = family.has_added_conditions() ? stable_diffusion_xl_colours()
                                                                 : stable_diffusion_1_colours(),
                        .overflows_in_f16 = vae.force_upcast},
            .sizes = {.native = {native, native}},
            .text = {.layers = checkpoint.text_encoder_2 ? std::min(text.num_hidden_layers,
                                                                    checkpoint.text_encoder_2->config.num_hidden_layers)
                                                         : text.num_hidden_layers,
                     .token_count = text.max_position_embeddings,
                     .vocabulary_size = text.vocab_size,
                     .width = checkpoint.unet.config.cross_attention_dim,
                     .is_double = checkpoint.text_encoder_2.has_value(),
                     .is_pooled = family.has_added_conditions(),
                     .first_width = text.hidden_size,
                     .zeros_for_no_negative = checkpoint.zeros_for_no_negative},
            .few_steps = few_steps_of(checkpoint.name, checkpoint.family, checkpoint.scheduler_config,
                                      checkpoint.unet.config.time_cond_proj_dim > 0),
            .takes_guidance = checkpoint.unet.config.time_cond_proj_dim > 0,
            .masking = variant.masking,
            .takes_aesthetic_score = family.takes_aesthetic_score(),
            .guidance = variant.guidance,
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

TextEncoderSource text_encoder_of(Network<TextEncoderConfig> network, ClipTextOutputs outputs,
                                  std::vector<std::string>& notes) {
    const WeightUse use(network.weights);
    const auto last_layer = build_clip_text(use.weights(), network.config, {1}, false, outputs);
    add_note(notes, use.note());
    MappedFiles files = network.weights.files();
    auto graph = [network = std::move(network), last_layer, outputs](const TextEncoderKey& key) {
        const TextEncoderConfig& config = network.config;
        const auto build = [&] {
            const std::vector<int> layers = key.clip_skip == 1 ? std::vector{1} : std::vector{1, key.clip_skip};
            return build_clip_text(with_changes(network.weights, key.changes), config, layers, key.takes_vectors,
                                   outputs);
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

TextEncoderSource two_text_encoders_of(Network<TextEncoderConfig> first, Network<TextEncoderConfig> second,
                                       std::vector<std::string>& notes) {
    const WeightUse use(first.weights), use_2(second.weights);
    const auto usual = build_two_clip_texts({first.config, use.weights()}, {second.config, use_2.weights()});
    const std::vector<std::string> unused = unused_of_first_text(first.config);
    add_note(notes, use.note(std::vector<std::string_view>(unused.begin(), unused.end())));
    add_note(notes, use_2.note());
    MappedFiles files = first.weights.files();
    for (const auto& file : second.weights.files()) files.push_back(file);
    auto graph = [first = std::move(first), second = std::move(second), usual](const TextEncoderKey& key) {
        const auto build = [&] {
            const std::vector<int> layers = key.clip_skip == 1 ? std::vector{1} : std::vector{1, key.clip_skip};
            return build_two_clip_texts({first.config, with_changes(first.weights, key.changes)},
                                        {second.config, with_changes(second.weights, key.changes_2)}, layers,
                                        key.takes_vectors);
        };
        const bool is_built = key.clip_skip == 1 && key.changes.empty() && key.changes_2.empty() && !key.takes_vectors;
        const int tokens = first.config.max_position_embeddings;
        std::map<std::string, ov::PartialShape> shapes = {{"input_ids", {1, tokens}}, {"input_ids_2", {1, tokens}}};
        if (key.takes_vectors) {
            shapes["kept"] = shapes["kept_2"] = {1, tokens, 1};
            shapes["learned"] = {1, tokens, first.config.hidden_size};
            shapes["learned_2"] = {1, tokens, second.config.hidden_size};
        }
        return reshaped(is_built ? *usual : *build(), shapes);
    };
    return {.graph = std::move(graph), .files = std::move(files)};
}

/// Whether what the UNet takes beside the latents differs from row to row.
bool has_latents_for_each_row(const UNetConfig& config) {
    const UNetVariant* variant = unet_variant(config.in_channels, config.out_channels);
    return variant && variant->guidance == GuidanceRows::three;
}

UNetInputs unet_inputs(const UNetConfig& config, NetworkForm form) {
    if (has_latents_for_each_row(config)) return UNetInputs::latents_of_rows;
    return form == NetworkForm::fast ? UNetInputs::shared : UNetInputs::repeated;
}

UNetSource unet_of(Network<UNetConfig> network, int tokens, std::vector<std::string>& notes) {
    const WeightUse use(network.weights);
    const auto fast =
        build_unet(use.weights(), network.config, {.inputs = unet_inputs(network.config, NetworkForm::fast)});
    add_note(notes, use.note());
    MappedFiles files = network.weights.files();
    auto graph = [network = std::move(network), fast, tokens](const UNetKey& key, NetworkForm form) {
        const UNetConfig& config = network.config;
        std::vector<const Weights*> ip_adapters;
        for (const auto& adapter : key.ip_adapters) ip_adapters.push_back(&adapter->weights);
        const auto merged = std::make_shared<MappedFiles>();
        const auto build = [&] {
            return build_unet(with_changes(network.weights, key.changes, merged), config,
                              {.inputs = unet_inputs(config, form),
                               .takes_residuals = key.takes_residuals,
                               .freeu = key.freeu,
                               .ip_adapters = ip_adapters});
        };
        const bool is_built = form == NetworkForm::fast && key.changes.empty() && !key.takes_residuals && !key.freeu &&
                              ip_adapters.empty();
        const auto wanted = is_built ? fast : build();
        const auto [height, width] = key.latents;
        std::map<std::string, ov::PartialShape> shapes = {
            {"sample", {has_latents_for_each_row(config) ? key.rows : 1, config.in_channels, height, width}},
            {"encoder_hidden_states", {key.rows, key.chunks * tokens, config.cross_attention_dim}}};
        if (config.added_conditions > 0) shapes["added_conditions"] = {key.rows, config.added_conditions};
        if (key.takes_residuals) {
            std::size_t index = 0;
            for (const ov::PartialShape& shape : residual_shapes(config, key.rows, height, width))
                shapes.emplace(residual_name(index++), shape);
        }
        for (std::size_t i = 0; i < key.ip_adapters.size(); ++i) {
            shapes[image_tokens_name(i)] = {key.rows, key.ip_adapters[i]->tokens, config.cross_attention_dim};
            shapes[image_scale_name(i)] = {1};
        }
        UNetGraph result{.model = reshaped(*wanted, shapes),
                         .encode_timestep = [channels = config.levels.front().width, flip = config.flip_sin_to_cos,
                                             shift = config.freq_shift](double timestep) {
                             return timestep_sinusoid(timestep, channels, flip, shift);
                         }};
        if (const int guidance_width = config.time_cond_proj_dim; guidance_width > 0)
            result.encode_guidance = [guidance_width](double scale) {
                return guidance_embedding(scale, guidance_width);
            };
        if (const int size_width = config.addition_time_embed_dim; size_width > 0)
            result.encode_size = [size_width, flip = config.flip_sin_to_cos, shift = config.freq_shift](double size) {
                return timestep_sinusoid(size, size_width, flip, shift);
            };
        result.files = std::move(*merged);
        return result;
    };
    return {.graph = std::move(graph), .files = std::move(files)};
}

}  // namespace

ModelNetworks networks_of(Checkpoint checkpoint) {
    const int tokens = checkpoint.text_encoder.config.max_position_embeddings;
    ModelNetworks networks{.facts = facts_of(checkpoint)};
    std::vector<Weights> weights_of_all;
    for (const Weights* weights : checkpoint.all_weights()) weights_of_all.push_back(*weights);
    networks.weight_that_is_not_finite = [all = std::move(weights_of_all)]() -> std::optional<std::string> {
        for (const Weights& weights : all)
            if (const auto name = easel::weight_that_is_not_finite(weights))
                return fmt::format("{}: the {}'s tensor {}", weights.where(), weights.network(), *name);
        return std::nullopt;
    };
    networks.layers = LayerTable(checkpoint);
    networks.controlled = checkpoint.unet.config;
    std::vector<std::string>& notes = networks.facts.notes;
    networks.text_encoder =
        checkpoint.text_encoder_2
            ? two_text_encoders_of(std::move(checkpoint.text_encoder), *std::move(checkpoint.text_encoder_2), notes)
            : text_encoder_of(std::move(checkpoint.text_encoder),
                              row_of(checkpoint.family).text_encoders.front().pooled ? ClipTextOutputs::with_pooled
                                                                                     : ClipTextOutputs::normed,
                              notes);
    networks.unet = unet_of(std::move(checkpoint.unet), tokens, notes);
    networks.vae_decoder = vae_decoder_of(checkpoint.vae, notes);
    networks.vae_encoder = vae_encoder_of(std::move(checkpoint.vae));
    return networks;
}

}  // namespace easel
