#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <easel/easel.h>

#include "pictures/read.h"
#include "pipeline/cases.h"
#include "support/files.h"

/// The cases of golden/adapters/lora_cases.json: as those of cases.h, with LoRAs.
namespace easel::testing {

inline const std::string adapters = golden + "adapters/";

inline std::vector<nlohmann::json> lora_cases() {
    return nlohmann::json::parse(read_file(adapters + "lora_cases.json"));
}

inline Request lora_request_of(const nlohmann::json& fields) {
    Request request = request_of(fields);
    for (const auto& lora : fields.at("loras")) {
        const auto& text = lora.at("text_encoder_weight");
        request.loras.push_back(
            {.file = adapters + lora.at("file").get<std::string>(),
             .weight = lora.at("weight").get<double>(),
             .text_encoder_weight = text.is_null() ? std::nullopt : std::optional(text.get<double>())});
    }
    return request;
}

inline Picture expected_picture_of(const nlohmann::json& fields) {
    return read_picture(adapters + fields.at("expected").get<std::string>());
}

/// Of what the engine draws, to the expected picture.
inline double psnr_of_lora_case(Engine& engine, const nlohmann::json& fields) {
    return psnr(engine.generate(lora_request_of(fields)).picture, expected_picture_of(fields));
}

}  // namespace easel::testing
