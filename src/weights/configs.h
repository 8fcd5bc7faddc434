#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace easel {

/// CLIP's text encoder. Names and defaults are those of transformers' CLIPTextConfig.
struct TextEncoderConfig {
    int vocab_size = 49408;
    int hidden_size = 512;
    int intermediate_size = 2048;
    int num_hidden_layers = 12;
    int num_attention_heads = 8;
    int max_position_embeddings = 77;
    /// "quick_gelu" or "gelu".
    std::string hidden_act = "quick_gelu";
    double layer_norm_eps = 1e-5;
    /// Width of the pooled output, for encoders that have one.
    int projection_dim = 512;
};

/// The block between the UNet's down path and its up path.
enum class MidBlock {
    none,
    /// One resnet.
    plain,
    /// A resnet, a transformer, a resnet.
    cross_attention,
};

/// A level of the UNet: a down block and the corresponding up block, which has one layer more.
struct UNetLevel {
    /// Channels; "block_out_channels" of the config.
    int width = 0;
    /// Residual blocks of the down block.
    int layers = 2;
    /// Whether each residual block is followed by a transformer.
    bool cross_attention_down = true;
    bool cross_attention_up = true;
    /// Heads of its attention; "attention_head_dim" of the config.
    int heads = 8;
    /// Transformer blocks in each of its transformers.
    int transformer_layers = 1;
    /// The same of each transformer of the down block and of the up block, where not all have `transformer_layers`;
    /// else empty.
    std::vector<int> transformer_layers_down = {}, transformer_layers_up = {};
    bool operator==(const UNetLevel&) const = default;

    /// Of the transformer behind that residual block of the down block, and of the up block.
    int down_transformer_layers(int block) const { return at(transformer_layers_down, block); }
    int up_transformer_layers(int block) const { return at(transformer_layers_up, block); }

  private:
    int at(const std::vector<int>& own, int block) const {
        return own.empty() ? transformer_layers : own.at(static_cast<std::size_t>(block));
    }
};

/// Those of the class: widths of 320, 640, 1280 and 1280, the last without attention.
std::vector<UNetLevel> default_unet_levels();

/// The denoising UNet. Names and defaults are those of diffusers' UNet2DConditionModel.
struct UNetConfig {
    /// Side of the latents that the model was trained on.
    int sample_size = 64;
    int in_channels = 4;
    int out_channels = 4;
    /// From the highest resolution to the lowest: the order of the down path.
    std::vector<UNetLevel> levels = default_unet_levels();
    /// Its numbers of heads and transformer blocks are those of the last level.
    MidBlock mid_block = MidBlock::cross_attention;
    int cross_attention_dim = 1280;
    /// Whether attention's proj_in and proj_out are linear layers; they are 1x1 convolutions otherwise.
    bool use_linear_projection = false;
    int norm_num_groups = 32;
    double norm_eps = 1e-5;
    /// Whether cosines come before sines in the timestep's sinusoids.
    bool flip_sin_to_cos = true;
    double freq_shift = 0;
    /// Width of the guidance scale's embedding, which the UNet of a latent consistency model takes in addition; 0:
    /// none.
    int time_cond_proj_dim = 0;
    /// In Stable Diffusion XL: width of the sinusoids of each size id, and of the whole vector of added conditions
    /// ("projection_class_embeddings_input_dim"), of which they are the end; 0: none.
    int addition_time_embed_dim = 0, added_conditions = 0;

    int level_count() const { return static_cast<int>(levels.size()); }
    const UNetLevel& level(int index) const { return levels.at(static_cast<std::size_t>(index)); }
};

/// A ControlNet (Zhang et al. 2023): a copy of a UNet's way down and middle, which sees a picture too. Names and
/// defaults are those of diffusers' ControlNetModel.
struct ControlNetConfig {
    /// The UNet that it is made for, of which only what is on the way down and in the middle counts.
    UNetConfig unet;
    /// Channels of the picture's embedding; the picture halves between two of them.
    std::vector<int> conditioning_embedding_out_channels = {16, 32, 96, 256};
    /// Whether it takes the picture's channels in the order blue, green, red.
    bool is_bgr = false;
    /// Whether it gives the mean of each channel only, for the prompt's rows only.
    bool global_pool_conditions = false;

    /// How many times the picture's side is the latents' side.
    int downsampling() const { return 1 << (conditioning_embedding_out_channels.size() - 1); }
};

/// One member of all levels, in their order.
template <typename T>
std::vector<T> of_levels(const UNetConfig& config, T UNetLevel::*member) {
    std::vector<T> values;
    values.reserve(config.levels.size());
    for (const UNetLevel& level : config.levels) values.push_back(level.*member);
    return values;
}

/// How many tensors the way down keeps for the way up: the first convolution's, each layer's and each downsampler's.
int skip_count(const UNetConfig& config);

/// The variational autoencoder between pictures and latents. Names and defaults are those of diffusers' AutoencoderKL.
struct VaeConfig {
    int in_channels = 3;
    int out_channels = 3;
    int latent_channels = 4;
    std::vector<int> block_out_channels = {64};
    int layers_per_block = 1;
    int norm_num_groups = 32;
    /// Latents are what the encoder gives, less `shift_factor`, times `scaling_factor`.
    double scaling_factor = 0.18215;
    double shift_factor = 0;
    /// Whether it overflows in f16.
    bool force_upcast = false;
    bool use_quant_conv = true;
    bool use_post_quant_conv = true;
    bool mid_block_add_attention = true;
    /// Side of the pictures that it was trained on.
    int sample_size = 32;

    int levels() const { return static_cast<int>(block_out_channels.size()); }
    /// How many times a picture's side is its latents' side.
    int downsampling() const { return 1 << (levels() - 1); }
};

/// Read a part's `config.json`; `where` names it in errors and notes. A missing key has the default above. Keys that
/// are unknown and ask for something are added to `notes` in a sentence. Throws Error, naming file and key, on values
/// of another type or out of range, on values that do not go together, and on features that change the network and are
/// not built here.
TextEncoderConfig parse_text_encoder_config(const nlohmann::json& config, std::string_view where,
                                            std::vector<std::string>& notes);
UNetConfig parse_unet_config(const nlohmann::json& config, std::string_view where, std::vector<std::string>& notes);
ControlNetConfig parse_controlnet_config(const nlohmann::json& config, std::string_view where,
                                         std::vector<std::string>& notes);
VaeConfig parse_vae_config(const nlohmann::json& config, std::string_view where, std::vector<std::string>& notes);

}  // namespace easel
