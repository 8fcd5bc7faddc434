#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <easel/easel.h>

#include "pipeline/lora_cases.h"
#include "settings/setting.h"

/// The cases of golden/adapters/prompt_cases.json and embedding_cases.json: as those of lora_cases.h, with what a
/// prompt asks for.
namespace easel::testing {

inline std::vector<nlohmann::json> cases_of(const std::string& file) {
    return nlohmann::json::parse(read_file(adapters + file));
}

inline Request prompt_request_of(const nlohmann::json& fields) {
    Request request = lora_request_of(fields);
    request.prompt_syntax = value_of_name<PromptSyntax>(fields.at("syntax").get<std::string>());
    request.emphasis = value_of_name<Emphasis>(fields.at("emphasis").get<std::string>());
    request.negative_padding = value_of_name<NegativePadding>(fields.at("pad").get<std::string>());
    request.step_rule = value_of_name<StepRule>(fields.at("step_rule").get<std::string>());
    for (const auto& embedding : fields.at("embeddings"))
        request.embeddings.push_back(
            {.file = adapters + embedding.at("file").get<std::string>(), .token = embedding.at("token")});
    return request;
}

/// Of what the engine draws, to the expected picture.
inline double psnr_of_prompt_case(Engine& engine, const nlohmann::json& fields) {
    return psnr(engine.generate(prompt_request_of(fields)).picture, expected_picture_of(fields));
}

}  // namespace easel::testing
