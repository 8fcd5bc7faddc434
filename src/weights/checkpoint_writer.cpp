#include "weights/checkpoint_writer.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "base/output_file.h"
#include "weights/config_keys.h"
#include "weights/layouts.h"
#include "weights/names.h"
#include "weights/open_clip.h"

namespace easel {
namespace fs = std::filesystem;
namespace {

using nlohmann::json;

/// `own` numbers of a level, or the `usual` one.
json transformer_layers(const std::vector<int>& own, int usual) { return own.empty() ? json(usual) : json(own); }

json block_types(const std::vector<bool>& cross_attention, const char* with, const char* without) {
    json types = json::array();
    for (const bool has : cross_attention) types.push_back(has ? with : without);
    return types;
}

json mid_block_type(MidBlock mid_block) {
    switch (mid_block) {
        case MidBlock::none:
            return nullptr;
        case MidBlock::plain:
            return "UNetMidBlock2D";
        case MidBlock::cross_attention:
            return "UNetMidBlock2DCrossAttn";
    }
    return nullptr;
}

json as_json(const TextEncoderConfig& config, bool projects = false) {
    return {{"architectures", {projects ? "CLIPTextModelWithProjection" : "CLIPTextModel"}},
            {"model_type", "clip_text_model"},
            {"vocab_size", config.vocab_size},
            {"hidden_size", config.hidden_size},
            {"projection_dim", projects ? config.projection_dim : config.hidden_size},
            {"intermediate_size", config.intermediate_size},
            {"num_hidden_layers", config.num_hidden_layers},
            {"num_attention_heads", config.num_attention_heads},
            {"max_position_embeddings", config.max_position_embeddings},
            {"hidden_act", config.hidden_act},
            {"layer_norm_eps", config.layer_norm_eps},
            // As published; transformers takes 2 to mean the greatest id, which CLIP's end token is.
            {"bos_token_id", 0},
            {"eos_token_id", 2},
            {"pad_token_id", 1}};
}

json as_json(const UNetConfig& config) {
    // Written in the order of the way up, the deepest level first.
    std::vector<bool> cross_attention_up = of_levels(config, &UNetLevel::cross_attention_up);
    std::reverse(cross_attention_up.begin(), cross_attention_up.end());
    json fields = {{"_class_name", "UNet2DConditionModel"},
                   {"sample_size", config.sample_size},
                   {"in_channels", config.in_channels},
                   {"out_channels", config.out_channels},
                   {"block_out_channels", of_levels(config, &UNetLevel::width)},
                   {"layers_per_block", shortest(of_levels(config, &UNetLevel::layers))},
                   {"down_block_types", block_types(of_levels(config, &UNetLevel::cross_attention_down),
                                                    "CrossAttnDownBlock2D", "DownBlock2D")},
                   {"up_block_types", block_types(cross_attention_up, "CrossAttnUpBlock2D", "UpBlock2D")},
                   {"mid_block_type", mid_block_type(config.mid_block)},
                   {"attention_head_dim", shortest(of_levels(config, &UNetLevel::heads))},
                   {"transformer_layers_per_block", shortest(of_levels(config, &UNetLevel::transformer_layers))},
                   {"cross_attention_dim", config.cross_attention_dim},
                   {"use_linear_projection", config.use_linear_projection},
                   {"norm_num_groups", config.norm_num_groups},
                   {"norm_eps", config.norm_eps},
                   {"flip_sin_to_cos", config.flip_sin_to_cos},
                   {"freq_shift", config.freq_shift},
                   // optimum-intel takes a config without it for one of an old export, and asks for another.
                   {"time_cond_proj_dim", config.time_cond_proj_dim ? json(config.time_cond_proj_dim) : json(nullptr)}};
    const auto has_own = [](const UNetLevel& level) {
        return !level.transformer_layers_down.empty() || !level.transformer_layers_up.empty();
    };
    if (std::ranges::any_of(config.levels, has_own)) {
        fields["transformer_layers_per_block"] = fields["reverse_transformer_layers_per_block"] = json::array();
        for (std::size_t i = 0; i < config.levels.size(); ++i) {
            const UNetLevel &down = config.levels[i], &up = config.levels[config.levels.size() - 1 - i];
            fields["transformer_layers_per_block"].push_back(
                transformer_layers(down.transformer_layers_down, down.transformer_layers));
            fields["reverse_transformer_layers_per_block"].push_back(
                transformer_layers(up.transformer_layers_up, up.transformer_layers));
        }
    }
    if (config.added_conditions > 0)
        fields.update({{"addition_embed_type", "text_time"},
                       {"addition_time_embed_dim", config.addition_time_embed_dim},
                       {"projection_class_embeddings_input_dim", config.added_conditions}});
    return fields;
}

json as_json(const VaeConfig& config) {
    const auto levels = static_cast<std::size_t>(config.levels());
    json fields = {{"_class_name", "AutoencoderKL"},
                   {"in_channels", config.in_channels},
                   {"out_channels", config.out_channels},
                   {"latent_channels", config.latent_channels},
                   {"block_out_channels", config.block_out_channels},
                   {"down_block_types", std::vector<std::string>(levels, "DownEncoderBlock2D")},
                   {"up_block_types", std::vector<std::string>(levels, "UpDecoderBlock2D")},
                   {"layers_per_block", config.layers_per_block},
                   {"norm_num_groups", config.norm_num_groups},
                   {"scaling_factor", config.scaling_factor},
                   {"shift_factor", config.shift_factor == 0 ? json(nullptr) : json(config.shift_factor)},
                   {"use_quant_conv", config.use_quant_conv},
                   {"use_post_quant_conv", config.use_post_quant_conv},
                   {"mid_block_add_attention", config.mid_block_add_attention},
                   {"sample_size", config.sample_size}};
    if (config.force_upcast) fields["force_upcast"] = true;
    return fields;
}

std::string as_text(const json& value) { return value.dump(2) + "\n"; }

TensorView view(const Weight& weight, const std::string& name) {
    return {.name = name, .dtype = weight.dtype, .shape = weight.shape, .bytes = weight.bytes};
}

/// All weights of a network under the names that `name_of` gives them. `kept` keeps their bytes alive.
template <typename NameOf>
void add_views(const Weights& weights, NameOf name_of, std::vector<TensorView>& views, std::vector<Weight>& kept) {
    for (const std::string& name : weights.names()) {
        kept.push_back(*weights.find(name));
        views.push_back(view(kept.back(), name_of(name)));
    }
}

/// The same of a text encoder as single files have it.
void add_text_encoder(const Weights& weights, const FamilyTextEncoder& row, std::vector<TensorView>& views,
                      std::vector<Weight>& kept) {
    const auto name_of = [prefix = std::string(row.prefixes.front())](const std::string& name) {
        return prefix + name;
    };
    if (row.names == TextNames::transformers) return add_views(weights, name_of, views, kept);
    std::vector<Weight> renamed = to_open_clip(weights);
    if (has_unused_last_layer(row)) repeat_last_layer(renamed);
    Weights stacked(weights.network(), weights.where());
    for (const Weight& weight : renamed) stacked.add(weight);
    add_views(stacked, name_of, views, kept);
}

void write_network(const fs::path& folder, const PartFolder& part, const std::string& config, const Weights& weights) {
    fs::create_directories(folder);
    write_text_file(folder / "config.json", config);
    std::vector<TensorView> views;
    std::vector<Weight> kept;
    add_views(
        weights, [](const std::string& name) { return name; }, views, kept);
    // Other programs refuse a file that does not say whose tensors these are.
    write_safetensors(folder / weight_file(part.stem), views, {{"format", "pt"}});
}

bool has_pooled_text(const Checkpoint& checkpoint) { return row_of(checkpoint.family).has_added_conditions(); }

/// The config of the first or only text encoder.
json first_text_config(const Checkpoint& checkpoint) {
    return as_json(checkpoint.text_encoder.config,
                   /*projects=*/row_of(checkpoint.family).text_encoders.front().pooled);
}

/// diffusers' class for what its UNet takes.
std::string pipeline_class(const Checkpoint& checkpoint) {
    const UNetVariant* variant =
        unet_variant(checkpoint.unet.config.in_channels, checkpoint.vae.config.latent_channels);
    const bool inpaints = variant && variant->masking == Masking::in_the_unet;
    const bool edits = variant && variant->guidance == GuidanceRows::three;
    // The refiner is told what only that class tells.
    const bool refines = row_of(checkpoint.family).takes_aesthetic_score();
    return fmt::format("StableDiffusion{}{}Pipeline", has_pooled_text(checkpoint) ? "XL" : "",
                       inpaints  ? "Inpaint"
                       : edits   ? "InstructPix2Pix"
                       : refines ? "Img2Img"
                                 : "");
}

}  // namespace

std::string config_text(const TextEncoderConfig& config, bool projects) { return as_text(as_json(config, projects)); }
std::string config_text(const UNetConfig& config) { return as_text(as_json(config)); }
std::string config_text(const VaeConfig& config) { return as_text(as_json(config)); }

std::string scheduler_config_text(const Checkpoint& checkpoint) {
    const json published = parse_json(row_of(checkpoint.family).scheduler_config, "the family's scheduler");
    if (!checkpoint.scheduler_config) return as_text(published);
    const json own = parse_json(*checkpoint.scheduler_config, "scheduler_config.json");
    if (!own.is_object() || own.contains("_class_name")) return *checkpoint.scheduler_config;
    json completed = published;
    completed.update(own);
    return as_text(completed);
}

std::string model_index_text(const Checkpoint& checkpoint) {
    const json scheduler = parse_json(scheduler_config_text(checkpoint), "scheduler_config.json");
    const std::string scheduler_class = scheduler.value("_class_name", "PNDMScheduler");
    const json nothing = {nullptr, nullptr};
    json index = {{"_class_name", pipeline_class(checkpoint)},
                  {"_diffusers_version", "0.42.1"},
                  {"feature_extractor", nothing},
                  {"safety_checker", nothing},
                  {"requires_safety_checker", false},
                  {"scheduler", {"diffusers", scheduler_class}},
                  {"text_encoder", {"transformers", "CLIPTextModel"}},
                  {"tokenizer", {"transformers", "CLIPTokenizer"}},
                  {"unet", {"diffusers", "UNet2DConditionModel"}},
                  {"vae", {"diffusers", "AutoencoderKL"}}};
    if (!has_pooled_text(checkpoint)) return as_text(index);
    index.erase("safety_checker");
    index.erase("requires_safety_checker");
    index.update({{force_zeros_key, checkpoint.zeros_for_no_negative},
                  {"image_encoder", nothing},
                  {"text_encoder_2", {"transformers", "CLIPTextModelWithProjection"}},
                  {"tokenizer_2", {"transformers", "CLIPTokenizer"}}});
    if (!checkpoint.text_encoder_2) {
        index["text_encoder"] = index["tokenizer"] = nothing;
        index["requires_aesthetics_score"] = true;
    }
    return as_text(index);
}

void write_diffusers_networks(const Checkpoint& checkpoint, const fs::path& folder) {
    const auto& [text_encoder, unet, vae] = std::tie(checkpoint.text_encoder, checkpoint.unet, checkpoint.vae);
    const PartFolder& text_folder = first_text_encoder_folder(checkpoint.family);
    write_network(folder / text_folder.name, text_folder, as_text(first_text_config(checkpoint)), text_encoder.weights);
    if (const auto& second = checkpoint.text_encoder_2)
        write_network(folder / text_encoder_2_folder.name, text_encoder_2_folder,
                      as_text(as_json(second->config, /*projects=*/true)), second->weights);
    write_network(folder / unet_folder.name, unet_folder, config_text(unet.config), unet.weights);
    write_vae(vae, folder / vae_folder.name);
}

void write_vae(const Network<VaeConfig>& vae, const fs::path& folder) {
    write_network(folder, vae_folder, config_text(vae.config), vae.weights);
}

void write_single_file(const Checkpoint& checkpoint, const fs::path& path, OutputFile::IfExists if_exists) {
    std::vector<TensorView> views;
    std::vector<Weight> kept;
    const std::string unet_prefix(unet_prefixes().front()), vae_prefix(vae_prefixes().front());
    const NameTable unet = original_unet_names(checkpoint.unet.config);
    const NameTable vae = original_vae_names(checkpoint.vae.config);
    const std::span<const FamilyTextEncoder> rows = row_of(checkpoint.family).text_encoders;
    add_text_encoder(checkpoint.text_encoder.weights, rows.front(), views, kept);
    if (checkpoint.text_encoder_2) add_text_encoder(checkpoint.text_encoder_2->weights, rows.back(), views, kept);
    add_views(
        checkpoint.unet.weights, [&](const std::string& name) { return unet_prefix + unet.from_diffusers(name); },
        views, kept);
    add_views(
        checkpoint.vae.weights, [&](const std::string& name) { return vae_prefix + vae.from_diffusers(name); }, views,
        kept);
    // There the VAE's projections are convolutions.
    for (TensorView& tensor : views)
        if (tensor.name.find(".mid.attn_1.") != std::string::npos && tensor.shape.size() == 2)
            tensor.shape.insert(tensor.shape.end(), {1, 1});

    json configs = {{first_text_encoder_folder(checkpoint.family).name, first_text_config(checkpoint)},
                    {"unet", as_json(checkpoint.unet.config)},
                    {"vae", as_json(checkpoint.vae.config)}};
    if (checkpoint.text_encoder_2)
        configs["text_encoder_2"] = as_json(checkpoint.text_encoder_2->config, /*projects=*/true);
    if (has_pooled_text(checkpoint)) configs[force_zeros_key] = checkpoint.zeros_for_no_negative;
    std::map<std::string, std::string> metadata = {{"format", "pt"}, {config_key, configs.dump()}};
    if (checkpoint.scheduler_config) metadata[scheduler_config_key] = *checkpoint.scheduler_config;
    write_safetensors(path, views, metadata, if_exists);
}

}  // namespace easel
