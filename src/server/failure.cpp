#include "server/failure.h"

#include <new>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/field_names.h"
#include "server/json.h"
#include "server/refusal.h"

namespace easel::server {
namespace {

int status_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::bad_request:
            return 422;
        case ErrorKind::not_found:
            return 404;
        case ErrorKind::unsupported:
            return 501;
        case ErrorKind::no_space:
            return 507;
        case ErrorKind::unreachable:
            return 502;
        case ErrorKind::cancelled:
            return 503;
        case ErrorKind::already_exists:
        case ErrorKind::damaged:
        case ErrorKind::no_memory:
        case ErrorKind::failed:
            return 500;
    }
    return 500;
}

Failure failure_of(const Error& error, FieldNames names) {
    Failure failure;
    failure.status = status_of(error.kind());
    if (const auto* refusal = dynamic_cast<const Refusal*>(&error)) {
        failure.status = refusal->status();
        failure.retry_after = refusal->retry_after;
    }
    failure.sentence =
        with_field_names(error.what(), [&](std::string_view field) { return names(std::string(field)); });
    if (!error.field().empty()) failure.field = names(error.field());
    return failure;
}

/// As RFC 9110 calls it.
std::string_view title_of(int status) {
    constexpr std::pair<int, std::string_view> titles[] = {{401, "Unauthorized"},        {403, "Forbidden"},
                                                           {404, "Not Found"},           {405, "Method Not Allowed"},
                                                           {413, "Content Too Large"},   {422, "Unprocessable Content"},
                                                           {429, "Too Many Requests"},   {501, "Not Implemented"},
                                                           {503, "Service Unavailable"}, {507, "Insufficient Storage"}};
    for (const auto& [known, title] : titles)
        if (known == status) return title;
    return status < 500 ? "Bad Request" : "Internal Server Error";
}

std::string_view openai_type(int status) {
    if (status == 401) return "authentication_error";
    if (status == 403) return "permission_error";
    if (status == 429 || status == 503) return "overloaded_error";
    return status < 500 ? "invalid_request_error" : "server_error";
}

Headers headers_of(const Failure& failure) {
    Headers headers;
    if (failure.retry_after > 0) headers.emplace_back("Retry-After", std::to_string(failure.retry_after));
    if (failure.status == 401) headers.emplace_back("WWW-Authenticate", R"(Basic realm="easel", charset="UTF-8")");
    return headers;
}

}  // namespace

Failure failure_of(const std::exception_ptr& thrown, FieldNames names) {
    try {
        std::rethrow_exception(thrown);
    } catch (const Error& error) {
        return failure_of(error, names);
    } catch (const std::bad_alloc&) {
        return {.status = 500, .sentence = "there is not enough memory for this; try a smaller width and height"};
    } catch (const std::exception&) {
        return {.status = 500, .sentence = "something unexpected went wrong in the server"};
    }
}

HttpResponse as_sdapi_error(const Failure& failure) {
    const nlohmann::ordered_json body = {{"error", title_of(failure.status)},
                                         {"detail", failure.sentence},
                                         {"body", ""},
                                         {"errors", failure.field.empty() ? failure.sentence : failure.field}};
    HttpResponse response = json_response(body, failure.status);
    response.headers = headers_of(failure);
    return response;
}

HttpResponse as_openai_error(const Failure& failure) {
    const int status = failure.status == 413 || failure.status == 422 ? 400 : failure.status;
    nlohmann::ordered_json error = {{"message", failure.sentence}, {"type", openai_type(status)}};
    error["param"] = failure.field.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(failure.field);
    error["code"] = nullptr;
    if (status == 404 && failure.field == "model") error["code"] = "model_not_found";
    HttpResponse response = json_response({{"error", error}}, status);
    response.headers = headers_of(failure);
    return response;
}

}  // namespace easel::server
