#pragma once

#include <string_view>

#include <easel/easel.h>

namespace easel {

/// A model's own wishes, from `easel.json` in its folder: a request that is empty where the model has none.
using ModelDefaults = Request;

/// Reads `{"steps": 12, "guidance": 2.0, "sampler": "dpmpp_2m", "schedule": "karras", "width": 64, "height": 64}`,
/// every key optional. `where` names the file in errors. Throws Error on an unknown key or a value that no request can
/// have.
ModelDefaults parse_model_defaults(std::string_view text, std::string_view where);

}  // namespace easel
