#pragma once

#include <string>
#include <string_view>

#include "settings/settings.h"

namespace easel {

/// The web UI's keys for what is no setting of one row: padded negative prompts ("True"), the embeddings and LoRAs that
/// were used, "name: hash, name: hash", and of a second pass its size, or how many times larger it is, and what
/// enlarges; and the model that draws the last steps.
inline constexpr std::string_view padded_key = "Pad conds", embeddings_key = "TI hashes",
                                  lora_hashes_key = "Lora hashes", hires_size_key = "Hires resize",
                                  hires_scale_key = "Hires upscale", hires_upscaler_key = "Hires upscaler",
                                  refiner_key = "Refiner";

/// What is stored of a schedule: "Normal", "Karras", "Exponential", "Lu", "Beta".
std::string_view schedule_type(SigmaSchedule schedule);

/// What is stored of Request::hires_upscaler: the web UI's name, and of a file with an absolute path its stem.
std::string stored_upscaler(const std::string& upscaler);

/// The settings as a text in the format of AUTOMATIC1111's web UI, which other programs read: the prompt with a tag
/// <lora:NAME:WEIGHT> for each LoRA, a line
/// "Negative prompt: ..." if there is one, and a line "Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale:
/// 7.5, Seed: 1, ...".
std::string parameters_text(const Settings& settings, const std::string& model_name, const std::string& precision);

}  // namespace easel
