#pragma once

#include <string>

#include <easel/easel.h>

#include "settings/settings.h"

namespace easel {

/// Chooses the sampler with its configuration, and plans its steps: what the request asks for, else the model's
/// easel.json, its scheduler_config.json, easel's default. The steps and the strength must be there; eta is set.
/// `timestep_spacing` replaces the configuration's unless it is empty. Throws as parse_scheduler_config() does.
void complete_scheduler(Settings& settings, const Request& request, const ModelFacts& facts,
                        const ModelDefaults& defaults, const std::string& timestep_spacing);

/// What the model's UNet predicts, as its files say.
PredictionType prediction_type_of(const ModelFacts& facts);

/// Whether the strength chooses a part of the distillation's steps, of which all are taken, as diffusers' pipelines for
/// latent consistency models have it.
bool takes_part_of_original_steps(const SchedulerConfig& config, const ModelFacts& facts);

}  // namespace easel
