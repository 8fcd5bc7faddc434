#pragma once

#include <string>

#include "settings/settings.h"

namespace easel {

/// The settings as a text in the format of AUTOMATIC1111's web UI, which other programs read: the prompt, a line
/// "Negative prompt: ..." if there is one, and a line "Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale:
/// 7.5, Seed: 1, ...".
std::string parameters_text(const Settings& settings, const std::string& model_name, const std::string& precision);

}  // namespace easel
