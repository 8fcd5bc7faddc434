#pragma once

#include <string>

#include "diffusion/scheduler_config.h"
#include "settings/size.h"

namespace easel {

/// How a second model draws the last steps.
struct Refining {
    /// The model's name.
    std::string model;
    /// Where it begins, as SamplingPlan::first_call_after() has it.
    double at = 0.0;
    PredictionType prediction_type = PredictionType::epsilon;
    SizeIds size_ids = {};
    /// As in Settings, of this model.
    bool zero_negative = false, takes_guidance = false;
    int first_text_width = 0;
};

}  // namespace easel
