#pragma once

#include <span>

#include <easel/easel.h>

#include "settings/setting.h"

namespace easel {

/// The greatest width and height in pixels.
inline constexpr int largest_side = 4096;
/// The greatest number of steps.
inline constexpr int most_inference_steps = 1000;

/// The defaults if neither the request nor the model has a value.
inline constexpr double usual_guidance_scale = 7.5;
inline constexpr double usual_strength = 0.75;
inline constexpr double usual_hires_strength = 0.7;
inline constexpr double usual_image_guidance_scale = 1.5;
inline constexpr double usual_aesthetic_score = 6.0, usual_negative_aesthetic_score = 2.5;
inline constexpr double usual_refiner_at = 0.8;

/// The settings of a request, in the order of --help: all but its pictures. Flags, the keys of job and configuration
/// files, of easel.json and of a picture's settings text, and what each allows come from here.
std::span<const Setting<Request>> settings_table();

/// How to run a model: the settings of EngineOptions except the model itself.
std::span<const Setting<EngineOptions>> engine_settings_table();

/// Those of an engine whose drawing somebody watches.
std::span<const Setting<EngineOptions>> preview_settings_table();

/// The row of a field. Throws Error when there is no such field.
const Setting<Request>& setting(std::string_view field);
const Setting<EngineOptions>& engine_setting(std::string_view field);

}  // namespace easel
