#pragma once

#include <memory>

#include <openvino/core/model.hpp>

#include "networks/unet.h"
#include "weights/checkpoint.h"

namespace easel {

/// A ControlNet (Zhang et al. 2023), diffusers' ControlNetModel without what it does to the picture. Inputs, f32: those
/// of build_unet() with `inputs`, which is not each_row, and
///   `embedding` [1, levels[0].width, h, w]   build_control_embedding() of the picture
///   `added_conditions`, behind that and not before   where the config has them
/// Outputs: residual_shapes() for the UNet that it is made for; those before the first cross-attention have one row
/// with UNetInputs::shared, unless there are added conditions. Throws Error as build_unet() does.
std::shared_ptr<ov::Model> build_controlnet(const Weights& weights, const ControlNetConfig& config,
                                            UNetInputs inputs = UNetInputs::shared);

/// The part of a ControlNet that sees the picture and depends on nothing else: `picture` [1, 3, f h, f w] in 0..1 to
/// [1, levels[0].width, h, w].
std::shared_ptr<ov::Model> build_control_embedding(const Weights& weights, const ControlNetConfig& config);

}  // namespace easel
