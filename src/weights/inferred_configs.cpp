#include "weights/inferred_configs.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "weights/config_keys.h"
#include "weights/family.h"

namespace easel {
namespace {

using nlohmann::json;

/// The tensors of one network, asked for their shapes.
class Shapes {
  public:
    Shapes(const NamedTensors& tensors, std::string_view network, std::string_view where)
        : tensors_(tensors), network_(network), where_(where) {}

    bool has(std::string_view name) const { return tensors_.contains(name); }

    /// One side of a tensor's shape.
    std::int64_t side(const std::string& name, std::size_t axis) const {
        const std::vector<std::int64_t>& shape = find(name).shape;
        if (axis >= shape.size())
            fail(ErrorKind::damaged, "{}: the {}'s tensor {} has {} dimensions, fewer than it should", where_, network_,
                 name, shape.size());
        return shape[axis];
    }

    std::size_t dimensions(const std::string& name) const { return find(name).shape.size(); }

    /// How many of prefix0suffix, prefix1suffix, ... there are.
    int count(std::string_view prefix, std::string_view suffix) const {
        int number = 0;
        while (has(fmt::format("{}{}{}", prefix, number, suffix))) ++number;
        return number;
    }

  private:
    const TensorView& find(const std::string& name) const {
        const auto found = tensors_.find(name);
        if (found == tensors_.end())
            fail(ErrorKind::damaged, "{}: the {} lacks the tensor {}, which tells its structure", where_, network_,
                 name);
        return found->second;
    }

    const NamedTensors& tensors_;
    std::string_view network_, where_;
};

std::int64_t groups_for(const std::vector<std::int64_t>& widths) {
    constexpr std::int64_t of_the_family = 32;
    if (std::ranges::all_of(widths, [](std::int64_t width) { return width % of_the_family == 0; }))
        return of_the_family;
    return std::ranges::min(widths) / 2;
}

/// A level of the UNet's way down.
struct Level {
    std::int64_t width = 0;
    int layers = 0;
    bool attention = false;
    /// Transformer blocks in each transformer.
    std::vector<int> transformer_layers;
    /// Number of the level's first block among all blocks.
    int first_block = 0;
};

std::vector<Level> unet_levels(const Shapes& shapes) {
    std::vector<Level> levels(1);
    for (int block = 1;; ++block) {
        const std::string prefix = fmt::format("input_blocks.{}.", block);
        if (shapes.has(prefix + "0.op.weight")) {
            levels.emplace_back();
            continue;
        }
        if (!shapes.has(prefix + "0.in_layers.2.weight")) return levels;
        Level& level = levels.back();
        if (level.layers++ == 0) {
            level.width = shapes.side(prefix + "0.out_layers.3.weight", 0);
            level.first_block = block;
            level.attention = shapes.has(prefix + "1.norm.weight");
        }
        if (level.attention)
            level.transformer_layers.push_back(shapes.count(prefix + "1.transformer_blocks.", ".norm1.weight"));
    }
}

/// The heads of each level. A file cannot tell them: 8 in Stable Diffusion 1.x; in the families with linear projections
/// they have 64 channels each.
json unet_heads(const std::vector<std::int64_t>& widths, bool linear_projection) {
    if (!linear_projection) return 8;
    constexpr std::int64_t of_the_families = 64, of_small_models = 4;
    const bool is_usual = std::ranges::all_of(widths, [](std::int64_t width) { return width % of_the_families == 0; });
    json heads = json::array();
    for (const std::int64_t width : widths) heads.push_back(width / (is_usual ? of_the_families : of_small_models));
    return heads;
}

std::int64_t text_heads(std::int64_t width) {
    constexpr std::int64_t of_the_families = 64, of_small_models = 4, least = 2;
    if (width >= of_the_families && width % of_the_families == 0) return width / of_the_families;
    return width % of_small_models == 0 ? of_small_models : std::max(width / least, std::int64_t{1});
}

/// The levels of the way down in diffusers' names.
std::vector<Level> renamed_unet_levels(const Shapes& shapes) {
    std::vector<Level> levels;
    const int count = std::max(shapes.count("down_blocks.", ".resnets.0.conv1.weight"), 1);
    for (int number = 0; number < count; ++number) {
        const std::string prefix = fmt::format("down_blocks.{}.", number);
        Level& level = levels.emplace_back();
        level.width = shapes.side(prefix + "resnets.0.conv1.weight", 0);
        level.layers = shapes.count(prefix + "resnets.", ".conv1.weight");
        level.attention = shapes.has(prefix + "attentions.0.norm.weight");
        if (level.attention)
            level.transformer_layers = {shapes.count(prefix + "attentions.0.transformer_blocks.", ".norm1.weight")};
    }
    return levels;
}

/// What the levels say of the way down.
json way_down_config(const std::vector<Level>& levels, bool linear_projection) {
    std::vector<std::int64_t> widths;
    json layers = json::array(), transformer_layers = json::array(), types = json::array();
    for (const Level& level : levels) {
        widths.push_back(level.width);
        layers.push_back(level.layers);
        transformer_layers.push_back(shortest(level.transformer_layers));
        types.push_back(level.attention ? "CrossAttnDownBlock2D" : "DownBlock2D");
    }
    return {{"block_out_channels", widths},
            {"layers_per_block", layers},
            {"down_block_types", types},
            {"attention_head_dim", unet_heads(widths, linear_projection)},
            {"transformer_layers_per_block", transformer_layers},
            {"use_linear_projection", linear_projection},
            {"norm_num_groups", groups_for(widths)}};
}

/// Of a network whose first layer for added conditions is `layer`, if it has it. How much of them the sizes take is not
/// told.
json added_conditions_config(const Shapes& shapes, const std::string& layer) {
    if (!shapes.has(layer)) return json::object();
    constexpr std::int64_t of_xl = 256, of_small_models = 8;
    const std::int64_t added = shapes.side(layer, 1);
    return {{"addition_embed_type", "text_time"},
            {"addition_time_embed_dim", added > 6 * of_xl ? of_xl : of_small_models},
            {"projection_class_embeddings_input_dim", added}};
}

const char* unet_mid_block(const Shapes& shapes) {
    if (shapes.has("middle_block.1.norm.weight")) return "UNetMidBlock2DCrossAttn";
    return shapes.has("middle_block.0.in_layers.2.weight") ? "UNetMidBlock2D" : nullptr;
}

}  // namespace

json inferred_text_encoder_config(const NamedTensors& tensors, std::string_view where) {
    const Shapes shapes(tensors, "text encoder", where);
    const std::string root = shapes.has("text_model.embeddings.token_embedding.weight") ? "text_model." : "";
    const std::string tokens = root + "embeddings.token_embedding.weight";
    const std::int64_t hidden_size = shapes.side(tokens, 1);
    return {
        {"vocab_size", shapes.side(tokens, 0)},
        {"hidden_size", hidden_size},
        {"intermediate_size", shapes.side(root + "encoder.layers.0.mlp.fc1.weight", 0)},
        {"num_hidden_layers", shapes.count(root + "encoder.layers.", ".mlp.fc1.weight")},
        {"num_attention_heads", text_heads(hidden_size)},
        {"max_position_embeddings", shapes.side(root + "embeddings.position_embedding.weight", 0)},
        {"hidden_act", "quick_gelu"},
        {"layer_norm_eps", 1e-5},
    };
}

json inferred_unet_config(const NamedTensors& tensors, std::string_view where) {
    const Shapes shapes(tensors, "UNet", where);
    std::vector<Level> levels = unet_levels(shapes);
    // The middle block has as many as the deepest level says, which need not have any itself.
    if (const int middle = shapes.count("middle_block.1.transformer_blocks.", ".norm1.weight");
        middle > 0 && !levels.back().attention)
        levels.back().transformer_layers = {middle};
    json up_types = json::array(), up_transformer_layers = json::array();
    std::string attention_prefix = "middle_block.1.";
    for (const Level& level : levels)
        if (level.attention) attention_prefix = fmt::format("input_blocks.{}.1.", level.first_block);
    int up_block = 0;
    for (auto level = levels.rbegin(); level != levels.rend(); ++level) {
        const bool attention = shapes.has(fmt::format("output_blocks.{}.1.norm.weight", up_block));
        up_types.push_back(attention ? "CrossAttnUpBlock2D" : "UpBlock2D");
        std::vector<int> transformer_layers = attention ? std::vector<int>() : level->transformer_layers;
        for (int layer = 0; attention && layer <= level->layers; ++layer)
            transformer_layers.push_back(
                shapes.count(fmt::format("output_blocks.{}.1.transformer_blocks.", up_block + layer), ".norm1.weight"));
        up_transformer_layers.push_back(shortest(transformer_layers));
        up_block += level->layers + 1;
    }
    const char* mid_block = unet_mid_block(shapes);
    // The original names have none for it.
    const std::string guidance = "time_embedding.cond_proj.weight";
    json config = way_down_config(levels, shapes.dimensions(attention_prefix + "proj_in.weight") == 2);
    config.update({
        {"sample_size", 64},
        {"in_channels", shapes.side("input_blocks.0.0.weight", 1)},
        {"out_channels", shapes.side("out.2.weight", 0)},
        {"up_block_types", up_types},
        {"reverse_transformer_layers_per_block", up_transformer_layers},
        {"mid_block_type", mid_block ? json(mid_block) : json(nullptr)},
        {"cross_attention_dim", shapes.side(attention_prefix + "transformer_blocks.0.attn2.to_k.weight", 1)},
        {"time_cond_proj_dim", shapes.has(guidance) ? json(shapes.side(guidance, 1)) : json(nullptr)},
    });
    config.update(added_conditions_config(shapes, "label_emb.0.0.weight"));
    return config;
}

json inferred_controlnet_config(const NamedTensors& tensors, std::string_view where) {
    const Shapes shapes(tensors, "ControlNet", where);
    const bool original = shapes.has("input_blocks.0.0.weight");
    const std::string first = original ? "input_blocks.0.0.weight" : "conv_in.weight";
    const std::string attention = original ? "middle_block.1." : "mid_block.attentions.0.";
    json config = way_down_config(original ? unet_levels(shapes) : renamed_unet_levels(shapes),
                                  shapes.dimensions(attention + "proj_in.weight") == 2);
    const auto embedding = [&](int convolution) {
        if (original) return fmt::format("input_hint_block.{}.weight", 2 * convolution);
        return convolution == 0 ? std::string("controlnet_cond_embedding.conv_in.weight")
                                : fmt::format("controlnet_cond_embedding.blocks.{}.weight", convolution - 1);
    };
    // All but conv_out, whose channels are those of the first level.
    std::vector<std::int64_t> channels = {shapes.side(embedding(0), 0)};
    for (int block = 2; shapes.has(embedding(block)); block += 2) channels.push_back(shapes.side(embedding(block), 0));
    config.update({
        {"in_channels", shapes.side(first, 1)},
        {"cross_attention_dim", shapes.side(attention + "transformer_blocks.0.attn2.to_k.weight", 1)},
        {"conditioning_embedding_out_channels", channels},
    });
    config.update(added_conditions_config(shapes, original ? "label_emb.0.0.weight" : "add_embedding.linear_1.weight"));
    return config;
}

json inferred_vae_config(const NamedTensors& tensors, std::string_view where) {
    const Shapes shapes(tensors, "VAE", where);
    // Original names, or diffusers'.
    const bool original = shapes.has("encoder.down.0.block.0.conv1.weight");
    const char* const level_name = original ? "encoder.down." : "encoder.down_blocks.";
    const char* const layer_name = original ? ".block." : ".resnets.";
    const auto first_layer = fmt::format("{}0.conv1.weight", layer_name);
    const int levels = shapes.count(level_name, first_layer);
    std::vector<std::int64_t> widths;
    widths.reserve(static_cast<std::size_t>(levels));
    for (int level = 0; level < levels; ++level)
        widths.push_back(shapes.side(fmt::format("{}{}{}", level_name, level, first_layer), 0));
    if (widths.empty())
        fail(ErrorKind::damaged, "{}: the VAE lacks the tensor encoder.down.0.block.0.conv1.weight", where);
    return {
        {"in_channels", shapes.side("encoder.conv_in.weight", 1)},
        {"out_channels", shapes.side("decoder.conv_out.weight", 0)},
        {"latent_channels", shapes.side("decoder.conv_in.weight", 1)},
        {"block_out_channels", widths},
        {"layers_per_block", shapes.count(fmt::format("{}0{}", level_name, layer_name), ".conv1.weight")},
        {"norm_num_groups", groups_for(widths)},
        {"scaling_factor", row_of(Family::stable_diffusion_1).scaling_factor},
        {"use_quant_conv", shapes.has("quant_conv.weight")},
        {"use_post_quant_conv", shapes.has("post_quant_conv.weight")},
        {"mid_block_add_attention", shapes.has("decoder.mid.attn_1.norm.weight") ||
                                        shapes.has("decoder.mid_block.attentions.0.group_norm.weight")},
        {"sample_size", 512},
    };
}

}  // namespace easel
