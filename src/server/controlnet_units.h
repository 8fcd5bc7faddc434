#pragma once

#include <nlohmann/json_fwd.hpp>

#include "server/drawing.h"
#include "server/models.h"

namespace easel::server {

/// Whether a script of alwayson_scripts, in any case, is the web UI's extension for ControlNets (sd-webui-controlnet).
bool is_controlnet_script(std::string_view name);

/// Adds the units among the arguments of that script that are enabled; their models are but names yet. Throws Error,
/// mostly a Refusal, naming the field of the unit.
void read_controlnet_units(Drawing& drawing, const nlohmann::json& arguments, const Models& models);

/// The name of a ControlNet in what the extension's lists call it, "name [hash]".
std::string_view without_hash(std::string_view title);

}  // namespace easel::server
