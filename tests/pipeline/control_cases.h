#pragma once

#include <nlohmann/json.hpp>

#include "pipeline/prompt_cases.h"

/// The cases of golden/adapters/control_cases.json: as those of prompt_cases.h, with ControlNets.
namespace easel::testing {

inline Request control_request_of(const nlohmann::json& fields) {
    Request request = prompt_request_of(fields);
    for (const auto& control : fields.at("controls")) {
        const std::string picture = control.at("image");
        request.controls.push_back({.model = adapters + control.at("model").get<std::string>(),
                                    .file = picture == "inpaint" ? picture : golden + picture,
                                    .scale = control.at("scale"),
                                    .start = control.at("start"),
                                    .end = control.at("end")});
    }
    request.guess_mode = fields.at("guess_mode");
    return request;
}

}  // namespace easel::testing
