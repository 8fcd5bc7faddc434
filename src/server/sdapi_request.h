#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include <easel/easel.h>

#include "pictures/format.h"
#include "server/drawing.h"
#include "server/models.h"

namespace easel::server {

/// What /sdapi/v1/txt2img and img2img ask for.
struct SdapiRequest {
    Drawing drawing;
    bool send_images = true;
    int batch_size = 1;
    int n_iter = 1;
    /// Of the pictures in the answer.
    PictureFormat format = PictureFormat::png;
    /// For /internal/progress; empty when none was given.
    std::string task;
    /// The request with the defaults that do not depend on the model, to be echoed in the answer. Without its pictures,
    /// unless it wants them back.
    nlohmann::ordered_json parameters;
};

/// What holds for all requests that do not say otherwise, as POST /sdapi/v1/options set it.
struct SdapiDefaults {
    int clip_skip = 1;
};

/// Reads a request of AUTOMATIC1111's API: unknown fields are ignored, null is the default, a
/// number may be a text or a whole float. Limits and values are those of the settings table. Throws Error, mostly a
/// Refusal, naming the field.
SdapiRequest read_sdapi_request(const nlohmann::json& body, bool with_picture, const SdapiDefaults& defaults,
                                const Models& models);

/// The name that the API has for a field of easel's: "steps" for "num_inference_steps".
std::string sdapi_name(const std::string& field);

}  // namespace easel::server
