#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <easel/easel.h>

namespace easel {

/// A model's own defaults, from `easel.json` in its folder: a request in which fields without a default are empty.
using ModelDefaults = Request;

/// Reads `{"steps": 12, "guidance": 2.0, "sampler": "dpmpp_2m", "schedule": "karras", "width": 64, "height": 64}`,
/// every key optional; unknown ones are ignored and added to `notes` in a sentence. `where` names the file in errors
/// and notes. Throws Error on a value that no request can have.
ModelDefaults parse_model_defaults(std::string_view text, std::string_view where, std::vector<std::string>& notes);

}  // namespace easel
