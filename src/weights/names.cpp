#include "weights/names.h"

#include <utility>

#include <fmt/format.h>

namespace easel {
namespace {

constexpr Rename unet_resnet[] = {
    {"norm1.", "in_layers.0."},  {"conv1.", "in_layers.2."},  {"time_emb_proj.", "emb_layers.1."},
    {"norm2.", "out_layers.0."}, {"conv2.", "out_layers.3."}, {"conv_shortcut.", "skip_connection."},
};

constexpr Rename vae_resnet[] = {{"conv_shortcut.", "nin_shortcut."}};

constexpr Rename vae_attention[] = {
    {"group_norm.", "norm."},
    {"to_q.", "q."},
    {"to_k.", "k."},
    {"to_v.", "v."},
    {"to_out.0.", "proj_out."},
    // Only read, as these come second: diffusers' older names, which some converters leave in place.
    {"to_q.", "query."},
    {"to_k.", "key."},
    {"to_v.", "value."},
    {"to_out.0.", "proj_attn."},
};

constexpr Rename older_vae_attention[] = {
    {"to_q.", "query."},
    {"to_k.", "key."},
    {"to_v.", "value."},
    {"to_out.0.", "proj_attn."},
};

constexpr Rename open_clip_layer[] = {
    {"layer_norm1.", "ln_1."},
    {"layer_norm2.", "ln_2."},
    {"mlp.fc1.", "mlp.c_fc."},
    {"mlp.fc2.", "mlp.c_proj."},
    {"self_attn.out_proj.", "attn.out_proj."},
    {"self_attn.q_proj.", "attn.in_proj_"},
    {"self_attn.k_proj.", "attn.in_proj_"},
    {"self_attn.v_proj.", "attn.in_proj_"},
};

/// `name` with its module's name and the beginning of the rest rewritten from one layout to the other.
std::string rewritten(std::string_view name, const std::vector<ModuleNames>& modules,
                      std::string ModuleNames::*module_from, std::string ModuleNames::*module_to,
                      std::string_view Rename::*from, std::string_view Rename::*to) {
    for (const ModuleNames& module : modules) {
        if (!name.starts_with(module.*module_from)) continue;
        const std::string_view rest = name.substr((module.*module_from).size());
        for (const Rename& rename : module.inside) {
            if (rest.starts_with(rename.*from))
                return fmt::format("{}{}{}", module.*module_to, rename.*to, rest.substr((rename.*from).size()));
        }
        return fmt::format("{}{}", module.*module_to, rest);
    }
    return std::string(name);
}

void add_unet_way_down(std::vector<ModuleNames>& modules, const UNetConfig& config) {
    int block = 1;
    for (int level = 0; level < config.level_count(); ++level) {
        for (int layer = 0; layer < config.level(level).layers; ++layer, ++block) {
            modules.push_back({fmt::format("down_blocks.{}.resnets.{}.", level, layer),
                               fmt::format("input_blocks.{}.0.", block), unet_resnet});
            if (config.level(level).cross_attention_down)
                modules.push_back({fmt::format("down_blocks.{}.attentions.{}.", level, layer),
                                   fmt::format("input_blocks.{}.1.", block)});
        }
        if (level + 1 < config.level_count())
            modules.push_back({fmt::format("down_blocks.{}.downsamplers.0.conv.", level),
                               fmt::format("input_blocks.{}.0.op.", block++)});
    }
}

void add_unet_middle(std::vector<ModuleNames>& modules, MidBlock mid_block) {
    if (mid_block == MidBlock::none) return;
    modules.push_back({"mid_block.resnets.0.", "middle_block.0.", unet_resnet});
    if (mid_block == MidBlock::plain) return;
    modules.push_back({"mid_block.attentions.0.", "middle_block.1."});
    modules.push_back({"mid_block.resnets.1.", "middle_block.2.", unet_resnet});
}

void add_unet_way_up(std::vector<ModuleNames>& modules, const UNetConfig& config) {
    int block = 0;
    for (int up = 0; up < config.level_count(); ++up) {
        const UNetLevel& level = config.level(config.level_count() - 1 - up);
        const bool attention = level.cross_attention_up;
        const int layers = level.layers + 1;
        for (int layer = 0; layer < layers; ++layer, ++block) {
            modules.push_back({fmt::format("up_blocks.{}.resnets.{}.", up, layer),
                               fmt::format("output_blocks.{}.0.", block), unet_resnet});
            if (attention)
                modules.push_back(
                    {fmt::format("up_blocks.{}.attentions.{}.", up, layer), fmt::format("output_blocks.{}.1.", block)});
        }
        // The upsampler is the last entry of the level's last block.
        if (up + 1 < config.level_count())
            modules.push_back({fmt::format("up_blocks.{}.upsamplers.0.conv.", up),
                               fmt::format("output_blocks.{}.{}.conv.", block - 1, attention ? 2 : 1)});
    }
}

}  // namespace

std::string NameTable::to_diffusers(std::string_view other) const {
    return rewritten(other, modules_, &ModuleNames::other, &ModuleNames::diffusers, &Rename::other, &Rename::diffusers);
}

std::string NameTable::from_diffusers(std::string_view diffusers) const {
    return rewritten(diffusers, modules_, &ModuleNames::diffusers, &ModuleNames::other, &Rename::diffusers,
                     &Rename::other);
}

NameTable original_unet_names(const UNetConfig& config) {
    std::vector<ModuleNames> modules = {
        {"time_embedding.linear_1.", "time_embed.0."},
        {"time_embedding.linear_2.", "time_embed.2."},
        {"add_embedding.linear_1.", "label_emb.0.0."},
        {"add_embedding.linear_2.", "label_emb.0.2."},
        {"conv_in.", "input_blocks.0.0."},
        {"conv_norm_out.", "out.0."},
        {"conv_out.", "out.2."},
    };
    add_unet_way_down(modules, config);
    add_unet_middle(modules, config.mid_block);
    add_unet_way_up(modules, config);
    return NameTable(std::move(modules));
}

NameTable original_controlnet_names(const ControlNetConfig& config) {
    std::vector<ModuleNames> modules = {
        {"time_embedding.linear_1.", "time_embed.0."},
        {"time_embedding.linear_2.", "time_embed.2."},
        {"add_embedding.linear_1.", "label_emb.0.0."},
        {"add_embedding.linear_2.", "label_emb.0.2."},
        {"conv_in.", "input_blocks.0.0."},
        {"controlnet_mid_block.", "middle_block_out.0."},
    };
    add_unet_way_down(modules, config.unet);
    add_unet_middle(modules, config.unet.mid_block);
    const int skips = skip_count(config.unet);
    for (int skip = 0; skip < skips; ++skip)
        modules.push_back({fmt::format("controlnet_down_blocks.{}.", skip), fmt::format("zero_convs.{}.0.", skip)});
    // Each convolution of the picture's embedding but the last is followed by an activation, which is counted.
    int place = 0;
    const auto add_convolution = [&](std::string name) {
        modules.push_back({"controlnet_cond_embedding." + std::move(name) + ".",
                           fmt::format("input_hint_block.{}.", std::exchange(place, place + 2))});
    };
    add_convolution("conv_in");
    for (std::size_t block = 0; block < 2 * (config.conditioning_embedding_out_channels.size() - 1); ++block)
        add_convolution(fmt::format("blocks.{}", block));
    add_convolution("conv_out");
    return NameTable(std::move(modules));
}

NameTable original_vae_names(const VaeConfig& config) {
    std::vector<ModuleNames> modules;
    for (const char* side : {"encoder", "decoder"}) {
        modules.push_back({fmt::format("{}.conv_norm_out.", side), fmt::format("{}.norm_out.", side)});
        modules.push_back(
            {fmt::format("{}.mid_block.resnets.0.", side), fmt::format("{}.mid.block_1.", side), vae_resnet});
        modules.push_back(
            {fmt::format("{}.mid_block.attentions.0.", side), fmt::format("{}.mid.attn_1.", side), vae_attention});
        modules.push_back(
            {fmt::format("{}.mid_block.resnets.1.", side), fmt::format("{}.mid.block_2.", side), vae_resnet});
    }
    for (int level = 0; level < config.levels(); ++level) {
        for (int layer = 0; layer < config.layers_per_block; ++layer)
            modules.push_back({fmt::format("encoder.down_blocks.{}.resnets.{}.", level, layer),
                               fmt::format("encoder.down.{}.block.{}.", level, layer), vae_resnet});
        modules.push_back({fmt::format("encoder.down_blocks.{}.downsamplers.0.", level),
                           fmt::format("encoder.down.{}.downsample.", level)});
        const int up = config.levels() - 1 - level;
        for (int layer = 0; layer <= config.layers_per_block; ++layer)
            modules.push_back({fmt::format("decoder.up_blocks.{}.resnets.{}.", up, layer),
                               fmt::format("decoder.up.{}.block.{}.", level, layer), vae_resnet});
        modules.push_back(
            {fmt::format("decoder.up_blocks.{}.upsamplers.0.", up), fmt::format("decoder.up.{}.upsample.", level)});
    }
    return NameTable(std::move(modules));
}

NameTable older_vae_names() {
    std::vector<ModuleNames> modules;
    for (const char* attention : {"encoder.mid_block.attentions.0.", "decoder.mid_block.attentions.0."})
        modules.push_back({attention, attention, older_vae_attention});
    return NameTable(std::move(modules));
}

NameTable unprefixed_text_encoder_names() {
    std::vector<ModuleNames> modules;
    for (const char* module : {"embeddings.", "encoder.", "final_layer_norm."})
        modules.push_back({fmt::format("text_model.{}", module), module});
    return NameTable(std::move(modules));
}

NameTable open_clip_names() {
    // More than any published encoder has.
    constexpr int most_layers = 100;
    std::vector<ModuleNames> modules = {
        {"text_model.embeddings.token_embedding.", "token_embedding."},
        {"text_model.embeddings.position_embedding.weight", "positional_embedding"},
        {"text_model.final_layer_norm.", "ln_final."},
        {"text_projection.weight", "text_projection"},
    };
    for (int layer = 0; layer < most_layers; ++layer)
        modules.push_back({fmt::format("text_model.encoder.layers.{}.", layer),
                           fmt::format("transformer.resblocks.{}.", layer), open_clip_layer});
    return NameTable(std::move(modules));
}

}  // namespace easel
