#pragma once

#include <nlohmann/json.hpp>

#include "server/job.h"
#include "server/models.h"
#include "server/sdapi_request.h"

namespace easel::server {

/// The answer to txt2img and img2img: the pictures in base64, the request's parameters, and a text of JSON that tells
/// what was really drawn with. The job is done and has a picture.
nlohmann::ordered_json sdapi_answer(const SdapiRequest& request, const Job& job);

}  // namespace easel::server
