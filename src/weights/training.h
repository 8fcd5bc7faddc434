#pragma once

#include <optional>
#include <string>
#include <vector>

#include "weights/family.h"
#include "weights/safetensors.h"

namespace easel {

/// Whether a scheduler_config.json says that the UNet predicts the velocity.
bool predicts_velocity(const std::string& scheduler_config);

/// What a single file says about how its UNet was trained, as the fields of a scheduler_config.json without a
/// `_class_name`, or none if it says nothing unusual. Sources, in this order: a `.yaml` of the same name next to it
/// (`parameterization: "v"`); the empty tensors `v_pred` and, with it, `ztsnr` (zero terminal SNR, Lin et al. 2023);
/// the metadata `modelspec.prediction_type` and `modelspec.predict_key`; in families where published models differ, the
/// weights, as ComfyUI reads them. Values that are not understood are added to `notes`.
std::optional<std::string> training_of_single_file(const SafetensorsFile& file, const FamilyRow& family,
                                                   std::vector<std::string>& notes);

}  // namespace easel
