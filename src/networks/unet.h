#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <openvino/core/model.hpp>

#include <easel/easel.h>

#include "weights/checkpoint.h"

namespace easel {

/// What a UNet takes in addition to the text, [n, tokens, cross_attention_dim]: one row, or two with guidance.
enum class UNetInputs {
    /// Latents and the timestep's sinusoids once for all rows: what easel runs. Everything before the first
    /// cross-attention is computed once.
    shared,
    /// The same inputs, but repeated for each row before anything is computed.
    repeated,
    /// Latents for each row, and the timestep's sinusoids once: for a UNet that is shown a picture beside the latents
    /// in some rows and not in others.
    latents_of_rows,
    /// Latents for each row and one timestep, whose sinusoids the network computes, as it does those of size ids: what
    /// other programs pass.
    each_row,
};

struct UNetOptions {
    UNetInputs inputs = UNetInputs::shared;
    /// Of the input `timestep`.
    ov::element::Type timestep_type = ov::element::f32;
    /// With UNetInputs::each_row: how many size ids there are among the added conditions.
    int size_ids = 0;
    /// Whether it takes what ControlNets give.
    bool takes_residuals = false;
    std::optional<FreeU> freeu = {};
    /// Of each IP-Adapter its weights, see IpAdapterFile; they must outlive what is compiled from the model.
    std::vector<const Weights*> ip_adapters = {};
};

/// The noise predictor, diffusers' UNet2DConditionModel (Rombach et al. 2022; Ho et al. 2020). Inputs, f32 but for
/// `timestep_type`:
///   `sample`                [1, in_channels, h, w], or [n, ...]   latents, scaled by the sampler
///   `sinusoid`              [1, levels[0].width]   timestep_sinusoid() of the timestep; behind it, where the config
///                           has time_cond_proj_dim, as many values: guidance_embedding() of the guidance scale
///      or `timestep`        [1]
///   `encoder_hidden_states` [n, tokens, cross_attention_dim]   the text: one row, or two with guidance
/// and with `takes_residuals` those of ControlNets, residual_shapes() with a row for each row of text: `residual_0` is
/// added to the first skip connection, the last one to what the middle block gives.
/// Of each IP-Adapter, behind those: `image_tokens_0` [n, tokens, cross_attention_dim] and `image_scale_0` [1].
///   `added_conditions`      [n, added_conditions]   where the config has them: the pooled text and the sizes'
///   sinusoids
/// With UNetInputs::each_row these are the inputs, each only where the config has them:
///   `timestep_cond`         [n, time_cond_proj_dim]   guidance_embedding()
///   `text_embeds`           [n, pooled width]
///   `time_ids`              [n, size_ids]
/// Output `out_sample` [n, out_channels, h, w]: the prediction for each row of text.
/// The weights' mapping must outlive whatever is compiled from the model. Throws Error when a weight is missing or has
/// another shape than the configuration asks for.
std::shared_ptr<ov::Model> build_unet(const Weights& weights, const UNetConfig& config,
                                      const UNetOptions& options = {});

/// What the input or output for a residual of that number is called.
std::string residual_name(std::size_t index);

/// What the inputs for an IP-Adapter of that number are called.
std::string image_tokens_name(std::size_t index);
std::string image_scale_name(std::size_t index);

/// The residuals of a UNet for latents of that size, in their order: one for each skip connection, [rows, channels,
/// h, w], last the middle's.
std::vector<ov::PartialShape> residual_shapes(const UNetConfig& config, int rows, int height, int width);

/// The sinusoids that represent a timestep (Vaswani et al. 2017), `width` values: with flip_sin_to_cos cosines first.
/// Computed outside the network because bf16 is too coarse for the angle.
std::vector<float> timestep_sinusoid(double timestep, int width, bool flip_sin_to_cos = true, double freq_shift = 0.0);

/// What a UNet that takes the guidance scale is given for it, `width` values (Meng et al. 2023; diffusers'
/// get_guidance_scale_embedding).
std::vector<float> guidance_embedding(double guidance_scale, int width);

}  // namespace easel
