#pragma once

#include <cmath>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <easel/easel.h>

#include "pictures/read.h"

/// The cases of golden/cases.json: requests, and the pictures that diffusers draws from them.
namespace easel::testing {

inline const std::string golden = "golden/";

inline Engine tiny_engine() { return Engine({.model = golden + "tiny/diffusers", .precision = "f32"}); }

/// Peak signal-to-noise ratio in decibels; infinite for equal pictures.
inline double psnr(const Picture& a, const Picture& b) {
    if (a.width != b.width || a.height != b.height) return 0.0;
    double sum = 0.0;
    for (std::size_t i = 0; i < a.pixels.size(); ++i) sum += std::pow(a.pixels[i] - b.pixels[i], 2);
    return 10 * std::log10(255.0 * 255.0 * static_cast<double>(a.pixels.size()) / sum);
}

inline Request request_of(const nlohmann::json& fields, const std::string& root = golden) {
    Request request{.prompt = fields.at("prompt"),
                    .negative_prompt = fields.value("negative_prompt", ""),
                    .width = fields.at("width").get<int>(),
                    .height = fields.at("height").get<int>(),
                    .num_inference_steps = fields.at("steps").get<int>(),
                    .guidance_scale = fields.at("guidance").get<double>(),
                    .seed = fields.at("seed").get<std::uint32_t>(),
                    .rng = fields.at("rng") == "numpy" ? Rng::numpy : Rng::torch,
                    .sampler = fields.at("sampler").get<std::string>(),
                    .schedule = fields.at("schedule").get<std::string>(),
                    .scheduler_config = root + fields.at("scheduler_config").get<std::string>(),
                    .eta = fields.at("eta").get<double>(),
                    .clip_skip = fields.at("clip_skip").get<int>() + 1,
                    .composite = !fields.at("raw").get<bool>()};
    if (!fields.at("init_image").is_null()) {
        request.init_image = read_picture(root + fields.at("init_image").get<std::string>());
        if (!fields.at("strength").is_null()) request.strength = fields.at("strength").get<double>();
    }
    if (!fields.at("mask").is_null()) request.mask = read_mask(root + fields.at("mask").get<std::string>());
    return request;
}

/// The names of the pictures that a case expects, one for each of its batch.
inline std::vector<std::string> expected_of(const nlohmann::json& fields) {
    const auto& expected = fields.at("expected");
    if (expected.is_array()) return expected;
    return {expected};
}

}  // namespace easel::testing
