#include "settings/model_defaults.h"

#include "base/error.h"
#include "base/json.h"
#include "base/quoted.h"

namespace easel {

ModelDefaults parse_model_defaults(std::string_view text, std::string_view where) {
    const nlohmann::json json = parse_json(text, where);
    if (!json.is_object()) fail("{}: must be a JSON object", where);

    ModelDefaults defaults;
    for (const auto& [key, value] : json.items()) {
        const auto check = [&, &name = key](bool is_right, std::string_view kind) {
            if (!is_right) fail("{}: \"{}\" must be {}", where, name, kind);
        };
        const auto integer = [&, &entry = value] {
            check(entry.is_number_integer() && entry >= 1 && entry <= 4096, "a whole number from 1 to 4096");
            return entry.get<int>();
        };
        const auto text_value = [&, &entry = value] {
            check(entry.is_string(), "a text");
            return entry.get<std::string>();
        };
        if (key == "steps") {
            defaults.num_inference_steps = integer();
        } else if (key == "guidance") {
            check(value.is_number(), "a number");
            defaults.guidance_scale = value.get<double>();
        } else if (key == "sampler") {
            defaults.sampler = text_value();
        } else if (key == "schedule") {
            defaults.schedule = text_value();
        } else if (key == "width") {
            defaults.width = integer();
        } else if (key == "height") {
            defaults.height = integer();
        } else {
            fail("{}: unknown key {}; known are steps, guidance, sampler, schedule, width and height", where,
                 in_quotes(key));
        }
    }
    return defaults;
}

}  // namespace easel
