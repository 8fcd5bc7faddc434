#pragma once

#include <map>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "pictures/format.h"
#include "server/drawing.h"
#include "server/http.h"
#include "server/models.h"

namespace easel::server {

/// What OpenAI's images API is asked for.
struct OpenAiRequest {
    Drawing drawing;
    PictureFormat format = PictureFormat::png;
    /// Give addresses in place of the pictures.
    bool as_url = false;
    /// Give events while it is drawn, with so many unfinished pictures.
    bool stream = false;
    int partial_images = 0;
};

/// The kinds of request.
enum class OpenAiTask { generation, edit, variation };

/// Reads a request: JSON for generations, a form for the others. Throws Error, mostly a Refusal, naming the field.
OpenAiRequest read_openai_request(const HttpRequest& request, OpenAiTask task, const Models& models);

/// Whether clients have this model's name built in, so that it stands for whichever is chosen.
bool stands_for_any_model(std::string_view name);

/// The name that the API has for a field of easel's.
std::string openai_name(const std::string& field);

}  // namespace easel::server
