#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <easel/easel.h>

#include "pipeline/cases.h"
#include "support/families.h"
#include "support/files.h"

namespace easel::testing {

/// Those of golden/families/cases.json.
inline std::vector<nlohmann::json> family_cases(const std::string& family) {
    std::vector<nlohmann::json> found;
    for (const auto& fields : nlohmann::json::parse(read_file(families + "cases.json")))
        if (fields.at("family") == family) found.push_back(fields);
    return found;
}

/// The file or folder of a model.
inline std::string model_of(const nlohmann::json& fields) {
    const std::string name = fields.at("model");
    return std::filesystem::exists(families + name) ? name : name + ".safetensors";
}

/// "WxH" or "X,Y" of what a case has the other way round; none if it has none.
inline std::optional<std::string> pair_of(const nlohmann::json& fields, const char* key, char between) {
    if (!fields.contains(key)) return std::nullopt;
    return fmt::format("{}{}{}", fields[key][1].get<int>(), between, fields[key][0].get<int>());
}

inline Request request_of_case(const nlohmann::json& fields) {
    Request request = request_of(fields, families);
    request.prompt_2 = fields.value("prompt_2", "");
    request.negative_prompt_2 = fields.value("negative_prompt_2", "");
    if (fields.contains("negative_prompt")) request.empty_negative = "encoded";
    request.original_size = pair_of(fields, "original_size", 'x');
    request.crop = pair_of(fields, "crop", ',');
    request.target_size = pair_of(fields, "target_size", 'x');
    request.negative_original_size = pair_of(fields, "negative_original_size", 'x');
    request.negative_crop = pair_of(fields, "negative_crop", ',');
    request.negative_target_size = pair_of(fields, "negative_target_size", 'x');
    if (const auto& steps = fields.at("original_inference_steps"); !steps.is_null())
        request.original_inference_steps = steps.get<int>();
    for (const auto& [key, member] : {std::pair("aesthetic_score", &Request::aesthetic_score),
                                      std::pair("negative_aesthetic_score", &Request::negative_aesthetic_score),
                                      std::pair("denoising_end", &Request::denoising_end)})
        if (fields.contains(key)) request.*member = fields[key].get<double>();
    if (fields.contains("image_guidance")) request.image_guidance_scale = fields["image_guidance"].get<double>();
    return request;
}

}  // namespace easel::testing
