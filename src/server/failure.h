#pragma once

#include <exception>
#include <string>

#include "server/http.h"

namespace easel::server {

/// What went wrong with a request, in HTTP's words.
struct Failure {
    int status = 500;
    /// Without backquotes: fields by the names that the API has for them.
    std::string sentence;
    /// By the same name; empty where none is to blame.
    std::string field;
    /// Seconds; 0 where that is not said.
    int retry_after = 0;
};

/// The names that an API has for fields of easel's structs: "steps" for "num_inference_steps". A name that is the
/// API's own stays.
using FieldNames = std::string (*)(const std::string& field);

/// Of whatever a handler threw. What is no easel::Error is not told in detail.
Failure failure_of(const std::exception_ptr& thrown, FieldNames names);

/// As AUTOMATIC1111's web UI tells it: {"error", "detail", "body", "errors"}, all texts.
HttpResponse as_sdapi_error(const Failure& failure);

/// As OpenAI's API tells it: {"error": {"message", "type", "param", "code"}}; 400 in place of 413 and 422.
HttpResponse as_openai_error(const Failure& failure);

}  // namespace easel::server
