#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace easel {

/// A model's own wishes, from `easel.json` in its folder.
struct ModelDefaults {
    std::optional<int> num_inference_steps;
    std::optional<double> guidance_scale;
    std::optional<std::string> sampler, schedule;
    std::optional<int> width, height;
};

/// Reads `{"steps": 12, "guidance": 2.0, "sampler": "dpmpp_2m", "schedule": "karras", "width": 64, "height": 64}`,
/// every key optional. `where` names the file in errors. Throws Error on an unknown key or a value of another type.
ModelDefaults parse_model_defaults(std::string_view text, std::string_view where);

}  // namespace easel
