#include "weights/configs.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_field.h"
#include "base/json_keys.h"
#include "weights/config_keys.h"
#include "weights/family.h"

namespace easel {
namespace {

using nlohmann::json;

constexpr int most_levels = 8;
constexpr int widest = 1 << 16;

/// Takes checked values out of a config; a missing key or `null` gives the default.
class ConfigReader {
  public:
    ConfigReader(const json& config, std::string_view where) : config_(config), where_(where) {
        require_object(config_, where_);
    }

    const std::string& where() const { return where_; }

    bool has(std::string_view key) const { return field(key).has_value(); }
    /// Unlike a missing key, null may have a meaning.
    bool is_null(std::string_view key) const { return config_.contains(key) && config_[key].is_null(); }

    int integer(std::string_view key, int missing, int least, int most) const {
        const auto value = field(key);
        return value ? value->whole(least, most) : missing;
    }

    double number(std::string_view key, double missing, double least, double most) const {
        const auto value = field(key);
        return value ? value->number(least, most) : missing;
    }

    bool boolean(std::string_view key, bool missing) const {
        const auto value = field(key);
        return value ? value->boolean() : missing;
    }

    std::string text(std::string_view key, const char* missing) const {
        const auto value = field(key);
        return value ? value->text() : missing;
    }

    std::vector<int> integers(std::string_view key, std::vector<int> missing, int least, int most) const {
        const auto value = field(key);
        if (!value) return missing;
        const json& list = value->value();
        if (!list.is_array() || list.empty() || list.size() > most_levels)
            value->refuse(fmt::format("a list of 1 to {} whole numbers", most_levels));
        std::vector<int> numbers;
        for (const json& one : list) numbers.push_back(value->entry(one).whole(least, most));
        return numbers;
    }

    /// One number for all `levels`, or a list of one for each.
    std::vector<int> integers_of_levels(std::string_view key, int missing, int levels, int least, int most) const {
        if (!is_list(key))
            return std::vector<int>(static_cast<std::size_t>(levels), integer(key, missing, least, most));
        std::vector<int> numbers = integers(key, {}, least, most);
        check_count(key, numbers.size(), levels);
        return numbers;
    }

    /// For each level the number that all of its blocks have, alone in a list, or one for each block, of which it has
    /// as many as `blocks` says: one number for all levels, or a list of numbers and of lists.
    std::vector<std::vector<int>> integers_of_blocks(std::string_view key, const std::vector<int>& blocks, int missing,
                                                     int least, int most) const {
        const auto value = field(key);
        if (!is_list(key)) return std::vector<std::vector<int>>(blocks.size(), {integer(key, missing, least, most)});
        const json& list = value->value();
        check_count(key, list.size(), static_cast<int>(blocks.size()));
        std::vector<std::vector<int>> levels;
        for (const json& level : list) {
            std::vector<int>& numbers = levels.emplace_back();
            if (!level.is_array()) {
                numbers.push_back(value->entry(level).whole(least, most));
                continue;
            }
            const auto count = static_cast<std::size_t>(blocks[levels.size() - 1]);
            if (level.size() != count)
                fail(ErrorKind::damaged, "{}: \"{}\" has {} entries for a level that has {} layers", where_, key,
                     level.size(), count);
            for (const json& one : level) numbers.push_back(value->entry(one).whole(least, most));
            if (std::ranges::count(numbers, numbers.front()) == static_cast<std::ptrdiff_t>(count)) numbers.resize(1);
        }
        return levels;
    }

    /// Whole numbers that a list may repeat, where all must be the same.
    int same_integer(std::string_view key, int missing, int least, int most) const {
        if (!is_list(key)) return integer(key, missing, least, most);
        const std::vector<int> numbers = integers(key, {}, least, most);
        if (std::ranges::any_of(numbers, [&](int number) { return number != numbers.front(); }))
            fail(ErrorKind::unsupported, "{}: \"{}\" is {}; numbers that differ are not supported", where_, key,
                 shown(config_[key]));
        return numbers.front();
    }

    std::vector<std::string> texts(std::string_view key, std::vector<std::string> missing) const {
        const auto value = field(key);
        if (!value) return missing;
        const json& list = value->value();
        if (!list.is_array() || list.size() > most_levels ||
            !std::ranges::all_of(list, [](const json& one) { return one.is_string(); }))
            value->refuse(fmt::format("a list of at most {} texts", most_levels));
        return list.get<std::vector<std::string>>();
    }

    void check_count(std::string_view key, std::size_t count, int levels) const {
        if (count != static_cast<std::size_t>(levels))
            fail(ErrorKind::damaged, "{}: \"{}\" has {} entries, but \"block_out_channels\" has {}", where_, key, count,
                 levels);
    }

    void check_class(std::string_view expected) const {
        const auto value = field("_class_name");
        if (value && value->value() != expected)
            fail(ErrorKind::unsupported, "{}: describes {}, which is not supported; {} is expected", where_,
                 shown(value->value()), expected);
    }

  private:
    std::optional<JsonField> field(std::string_view key) const { return optional_field(config_, key, where_); }

    bool is_list(std::string_view key) const {
        const auto value = field(key);
        return value && value->value().is_array();
    }

    const json& config_;
    std::string where_;
};

void append(std::vector<std::string>& notes, std::vector<std::string> more) {
    for (std::string& note : more) notes.push_back(std::move(note));
}

void check_groups(const std::vector<int>& channels, int groups, const std::string& where) {
    for (const int width : channels)
        if (width % groups != 0)
            fail(ErrorKind::damaged,
                 "{}: \"norm_num_groups\" is {}, which does not divide the {} of \"block_out_channels\"", where, groups,
                 width);
}

void check_heads(int width, int heads, const std::string& where) {
    if (width % heads != 0)
        fail(ErrorKind::damaged, "{}: {} channels cannot be divided among {} attention heads", where, width, heads);
}

/// For each block whether it has cross-attention: `with` and `without` are the names of the two kinds.
std::vector<bool> cross_attention_of(const ConfigReader& config, const char* key, const std::vector<std::string>& types,
                                     const char* with, const char* without) {
    std::vector<bool> result;
    for (const std::string& type : types) {
        if (type != with && type != without)
            fail(ErrorKind::unsupported, "{}: \"{}\" holds {}, which is not supported (only {} and {} are)",
                 config.where(), key, shown(json(type)), with, without);
        result.push_back(type == with);
    }
    return result;
}

MidBlock mid_block_of(const ConfigReader& config) {
    if (config.is_null("mid_block_type")) return MidBlock::none;
    const std::string type = config.text("mid_block_type", "UNetMidBlock2DCrossAttn");
    if (type == "UNetMidBlock2DCrossAttn") return MidBlock::cross_attention;
    if (type == "UNetMidBlock2D") return MidBlock::plain;
    fail(ErrorKind::unsupported,
         "{}: \"mid_block_type\" is {}, which is not supported (only UNetMidBlock2DCrossAttn, UNetMidBlock2D and null "
         "are)",
         config.where(), shown(json(type)));
}

constexpr int most_transformer_layers = 64;

/// `layers` of the levels' down blocks; up blocks have one more.
void read_transformer_layers(const ConfigReader& config, std::vector<int> layers, std::vector<UNetLevel>& levels) {
    constexpr std::string_view down_key = "transformer_layers_per_block",
                               up_key = "reverse_transformer_layers_per_block";
    const auto down = config.integers_of_blocks(down_key, layers, 1, 1, most_transformer_layers);
    for (std::size_t i = 0; i < levels.size(); ++i) {
        levels[i].transformer_layers = down[i].front();
        if (down[i].size() > 1) levels[i].transformer_layers_down = down[i];
    }
    if (!config.has(up_key)) {
        if (std::ranges::any_of(down, [](const auto& level) { return level.size() > 1; }))
            fail(ErrorKind::damaged, "{}: \"{}\" has a list for a level, but \"{}\" is missing", config.where(),
                 down_key, up_key);
        return;
    }
    // In its own order, the deepest level first.
    std::ranges::reverse(layers);
    for (int& count : layers) ++count;
    auto up = config.integers_of_blocks(up_key, layers, 1, 1, most_transformer_layers);
    std::ranges::reverse(up);
    for (std::size_t i = 0; i < levels.size(); ++i) {
        if (up[i].size() == 1) up[i].resize(static_cast<std::size_t>(levels[i].layers) + 1, up[i].front());
        const int usual = levels[i].transformer_layers;
        if (std::ranges::any_of(up[i], [&](int count) { return count != usual; }))
            levels[i].transformer_layers_up = up[i];
    }
}

/// What UNets and ControlNets have in common. `cross_attention_up` has an entry for each level; a ControlNet, which has
/// no way up, has none.
UNetConfig unet_of(const ConfigReader& config, const std::optional<std::vector<bool>>& cross_attention_up) {
    const UNetConfig missing;
    UNetConfig result;
    result.sample_size = config.same_integer("sample_size", missing.sample_size, 1, 4096);
    result.in_channels = config.integer("in_channels", missing.in_channels, 1, widest);
    result.out_channels = config.integer("out_channels", missing.out_channels, 1, widest);
    const std::vector<int> widths =
        config.integers("block_out_channels", of_levels(missing, &UNetLevel::width), 1, widest);
    const int levels = static_cast<int>(widths.size());
    const std::vector<int> layers = config.integers_of_levels("layers_per_block", 2, levels, 1, 64);

    const auto down_types = config.texts(
        "down_block_types", {"CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"});
    config.check_count("down_block_types", down_types.size(), levels);
    if (cross_attention_up) config.check_count("up_block_types", cross_attention_up->size(), levels);
    const std::vector<bool> cross_attention_down =
        cross_attention_of(config, "down_block_types", down_types, "CrossAttnDownBlock2D", "DownBlock2D");
    result.mid_block = mid_block_of(config);

    // In this class "attention_head_dim" has always meant the number of heads.
    const char* heads_key = config.has("num_attention_heads") ? "num_attention_heads" : "attention_head_dim";
    const std::vector<int> heads = config.integers_of_levels(heads_key, 8, levels, 1, 1024);
    result.levels.clear();
    for (std::size_t i = 0; i < widths.size(); ++i)
        result.levels.push_back({.width = widths[i],
                                 .layers = layers[i],
                                 .cross_attention_down = cross_attention_down[i],
                                 .cross_attention_up = cross_attention_up && (*cross_attention_up)[i],
                                 .heads = heads[i]});
    read_transformer_layers(config, layers, result.levels);
    result.cross_attention_dim = config.same_integer("cross_attention_dim", missing.cross_attention_dim, 1, widest);
    result.use_linear_projection = config.boolean("use_linear_projection", missing.use_linear_projection);
    if (config.is_null("norm_num_groups"))
        fail(ErrorKind::unsupported, "{}: \"norm_num_groups\" is null (no normalization), which is not supported",
             config.where());
    result.norm_num_groups = config.integer("norm_num_groups", missing.norm_num_groups, 1, widest);
    result.norm_eps = config.number("norm_eps", missing.norm_eps, 0, 1);
    result.flip_sin_to_cos = config.boolean("flip_sin_to_cos", missing.flip_sin_to_cos);
    result.freq_shift = config.number("freq_shift", missing.freq_shift, 0, 1);

    check_groups(widths, result.norm_num_groups, config.where());
    for (const UNetLevel& level : result.levels) {
        const bool below_is_attention =
            &level == &result.levels.back() && result.mid_block == MidBlock::cross_attention;
        if (level.cross_attention_down || level.cross_attention_up || below_is_attention)
            check_heads(level.width, level.heads, config.where());
    }
    if (widths.front() % 2 != 0)
        fail(ErrorKind::damaged,
             "{}: \"block_out_channels\" begins with the odd {}; sines and cosines of the timestep need an even number",
             config.where(), widths.front());
    return result;
}

/// What the UNets of Stable Diffusion XL, and ControlNets for them, are told beside the timestep and the text.
void read_added_conditions(const ConfigReader& config, UNetConfig& result) {
    if (const std::string type = config.text("addition_embed_type", ""); type == "text_time") {
        result.addition_time_embed_dim = config.integer("addition_time_embed_dim", 256, 2, widest);
        result.added_conditions = config.integer("projection_class_embeddings_input_dim", 0, 1, 1 << 20);
        if (result.added_conditions == 0)
            fail(ErrorKind::damaged, "{}: \"projection_class_embeddings_input_dim\" is missing", config.where());
        if (result.addition_time_embed_dim % 2 != 0)
            fail(ErrorKind::damaged, "{}: \"addition_time_embed_dim\" is {}; sines and cosines need an even number",
                 config.where(), result.addition_time_embed_dim);
    } else if (!type.empty()) {
        fail(ErrorKind::unsupported,
             "{}: \"addition_embed_type\" is {}, which is not supported (only \"text_time\" and null are)",
             config.where(), shown(json(type)));
    }
}

void read_guidance_condition(const ConfigReader& config, UNetConfig& result) {
    result.time_cond_proj_dim = config.integer("time_cond_proj_dim", 0, 4, widest);
    if (result.time_cond_proj_dim % 2 != 0)
        fail(ErrorKind::damaged, "{}: \"time_cond_proj_dim\" is {}; sines and cosines need an even number",
             config.where(), result.time_cond_proj_dim);
}

}  // namespace

std::vector<UNetLevel> default_unet_levels() {
    std::vector<UNetLevel> levels;
    for (const int width : {320, 640, 1280, 1280}) levels.push_back({.width = width});
    levels.back().cross_attention_down = levels.back().cross_attention_up = false;
    return levels;
}

int skip_count(const UNetConfig& config) {
    int count = config.level_count();  // the first convolution's, and a downsampler's below each level but the last
    for (const UNetLevel& level : config.levels) count += level.layers;
    return count;
}

TextEncoderConfig parse_text_encoder_config(const json& raw, std::string_view where, std::vector<std::string>& notes) {
    const ConfigReader config(raw, where);
    append(notes, check_keys(raw, text_encoder_keys(), where));
    const TextEncoderConfig missing;
    TextEncoderConfig result;
    result.vocab_size = config.integer("vocab_size", missing.vocab_size, 1, 1 << 24);
    result.hidden_size = config.integer("hidden_size", missing.hidden_size, 1, widest);
    result.intermediate_size = config.integer("intermediate_size", missing.intermediate_size, 1, 1 << 20);
    result.num_hidden_layers = config.integer("num_hidden_layers", missing.num_hidden_layers, 1, 1000);
    result.num_attention_heads = config.integer("num_attention_heads", missing.num_attention_heads, 1, 1000);
    result.max_position_embeddings =
        config.integer("max_position_embeddings", missing.max_position_embeddings, 1, widest);
    result.projection_dim = config.integer("projection_dim", missing.projection_dim, 1, widest);
    result.hidden_act = config.text("hidden_act", "quick_gelu");
    result.layer_norm_eps = config.number("layer_norm_eps", missing.layer_norm_eps, 0, 1);
    if (result.hidden_act != "quick_gelu" && result.hidden_act != "gelu")
        fail(ErrorKind::unsupported, "{}: \"hidden_act\" is {}, which is not supported (only quick_gelu and gelu are)",
             where, shown(json(result.hidden_act)));
    check_heads(result.hidden_size, result.num_attention_heads, config.where());
    return result;
}

UNetConfig parse_unet_config(const json& raw, std::string_view where, std::vector<std::string>& notes) {
    const ConfigReader config(raw, where);
    config.check_class("UNet2DConditionModel");
    append(notes, check_keys(raw, unet_keys(), where));
    const auto up_types =
        config.texts("up_block_types", {"UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"});
    // In its own order, the deepest level first.
    std::vector<bool> cross_attention_up =
        cross_attention_of(config, "up_block_types", up_types, "CrossAttnUpBlock2D", "UpBlock2D");
    std::reverse(cross_attention_up.begin(), cross_attention_up.end());
    UNetConfig result = unet_of(config, cross_attention_up);
    read_added_conditions(config, result);
    read_guidance_condition(config, result);
    return result;
}

ControlNetConfig parse_controlnet_config(const json& raw, std::string_view where, std::vector<std::string>& notes) {
    const ConfigReader config(raw, where);
    config.check_class("ControlNetModel");
    append(notes, check_keys(raw, controlnet_keys(), where));
    const ControlNetConfig missing;
    ControlNetConfig result;
    result.unet = unet_of(config, std::nullopt);
    read_added_conditions(config, result.unet);
    result.conditioning_embedding_out_channels =
        config.integers("conditioning_embedding_out_channels", missing.conditioning_embedding_out_channels, 1, widest);
    const std::string order = config.text("controlnet_conditioning_channel_order", "rgb");
    if (order != "rgb" && order != "bgr")
        fail(ErrorKind::unsupported,
             "{}: \"controlnet_conditioning_channel_order\" is {}, which is not supported (only rgb and bgr are)",
             where, shown(json(order)));
    result.is_bgr = order == "bgr";
    result.global_pool_conditions = config.boolean("global_pool_conditions", missing.global_pool_conditions);
    return result;
}

VaeConfig parse_vae_config(const json& raw, std::string_view where, std::vector<std::string>& notes) {
    const ConfigReader config(raw, where);
    config.check_class("AutoencoderKL");
    append(notes, check_keys(raw, vae_keys(), where));
    const VaeConfig missing;
    VaeConfig result;
    result.in_channels = config.integer("in_channels", missing.in_channels, 3, 3);
    result.out_channels = config.integer("out_channels", missing.out_channels, 3, 3);
    result.latent_channels = config.integer("latent_channels", missing.latent_channels, 1, 1024);
    result.block_out_channels = config.integers("block_out_channels", missing.block_out_channels, 1, widest);
    result.layers_per_block = config.integer("layers_per_block", missing.layers_per_block, 1, 64);
    result.norm_num_groups = config.integer("norm_num_groups", missing.norm_num_groups, 1, widest);
    result.scaling_factor = config.number("scaling_factor", missing.scaling_factor, 1e-6, 1e6);
    result.shift_factor = config.number("shift_factor", missing.shift_factor, -1e6, 1e6);
    result.force_upcast = config.boolean("force_upcast", missing.force_upcast);
    result.use_quant_conv = config.boolean("use_quant_conv", missing.use_quant_conv);
    result.use_post_quant_conv = config.boolean("use_post_quant_conv", missing.use_post_quant_conv);
    result.mid_block_add_attention = config.boolean("mid_block_add_attention", missing.mid_block_add_attention);
    result.sample_size = config.same_integer("sample_size", missing.sample_size, 1, widest);

    const auto levels = static_cast<std::size_t>(result.levels());
    const struct {
        const char* key;
        const char* type;
    } blocks[] = {{"down_block_types", "DownEncoderBlock2D"}, {"up_block_types", "UpDecoderBlock2D"}};
    for (const auto& [key, type] : blocks) {
        const std::vector<std::string> types = config.texts(key, std::vector<std::string>(levels, type));
        config.check_count(key, types.size(), result.levels());
        for (const std::string& found : types)
            if (found != type)
                fail(ErrorKind::unsupported, "{}: \"{}\" holds {}, which is not supported (only {} is)", where, key,
                     shown(json(found)), type);
    }
    check_groups(result.block_out_channels, result.norm_num_groups, config.where());
    return result;
}

}  // namespace easel
