#include "server/routes.h"

#include <algorithm>
#include <utility>

#include "server/failure.h"
#include "server/openai_request.h"
#include "server/refusal.h"

namespace easel::server {
namespace {

std::span<const Route> (*const tables[])() = {sdapi_routes,         sdapi_list_routes,  sdapi_progress_routes,
                                              sdapi_picture_routes, sdapi_extra_routes, controlnet_routes,
                                              openai_routes,        job_routes,         help_routes,
                                              health_routes,        metrics_routes,     openapi_routes,
                                              page_routes};

bool is_openai(const HttpRequest& request) { return request.path.starts_with("/v1/"); }

/// What every answer has.
void complete(HttpResponse& response, const HttpRequest& request, const GuardOptions& guard,
              const RequestRecord& record) {
    const auto add = [&](const char* name, std::string value) {
        if (!find_header(response.headers, name)) response.headers.emplace_back(name, std::move(value));
    };
    add("X-Content-Type-Options", "nosniff");
    add("Referrer-Policy", "no-referrer");
    add("Cache-Control", "no-store");
    add("X-Request-Id", record.id);
    if (!guard.cors_origins.empty()) add("Vary", "Origin");
    if (!is_allowed_origin(request, guard)) return;
    add("Access-Control-Allow-Origin", std::string(request.header("Origin")));
    add("Access-Control-Allow-Headers", "authorization, content-type, idempotency-key");
    add("Access-Control-Allow-Methods", "GET, POST, DELETE");
}

HttpResponse failed_response(const HttpRequest& request, const Failure& failure) {
    return is_openai(request) ? as_openai_error(failure) : as_sdapi_error(failure);
}

/// The route and the values of its path. Throws Refusal when there is none.
std::pair<const Route*, std::vector<std::string>> find_route(const HttpRequest& request) {
    bool is_known = false;
    for (const auto table : tables) {
        for (const Route& route : table()) {
            auto values = match(route.path, request.path);
            if (!values) continue;
            if (route.method == request.method) return {&route, *std::move(values)};
            is_known = true;
        }
    }
    if (is_known) refuse_with(405, "this endpoint is not for {:.20}", request.method);
    refuse_with(404, "there is nothing at this path");
}

void handle(const Call& call, const Route& route) {
    try {
        if (auto response = route.handler(call)) answer(call, *std::move(response));
    } catch (...) {
        answer_failure(call, std::current_exception());
    }
}

}  // namespace

std::vector<Route> all_routes() {
    std::vector<Route> routes;
    for (const auto table : tables) routes.insert(routes.end(), table().begin(), table().end());
    return routes;
}

std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path) {
    std::vector<std::string> values;
    while (!pattern.empty()) {
        if (pattern.front() != '{') {
            if (path.empty() || path.front() != pattern.front()) return std::nullopt;
            pattern.remove_prefix(1);
            path.remove_prefix(1);
            continue;
        }
        const std::size_t end = pattern.ends_with("*}") && pattern.find('}') == pattern.size() - 1
                                    ? path.size()
                                    : std::min(path.find('/'), path.size());
        if (end == 0) return std::nullopt;
        values.emplace_back(path.substr(0, end));
        path.remove_prefix(end);
        pattern.remove_prefix(pattern.find('}') + 1);
    }
    return path.empty() ? std::optional(values) : std::nullopt;
}

HttpResponse unread_response(Service& service, const HttpRequest& head, int status, const std::string& sentence) {
    RequestRecord record(head, service.metrics, service.log);
    record.status = status;
    HttpResponse response = failed_response(head, Failure{.status = status, .sentence = sentence});
    complete(response, head, service.guard, record);
    return response;
}

void answer(const Call& call, HttpResponse response) {
    complete(response, call.request(), call.service.guard, *call.record);
    call.record->status = response.status;
    call.record->end();
    call.exchange->answer(std::move(response));
}

void answer_stream(const Call& call, HttpResponse head, std::string pulse) {
    complete(head, call.request(), call.service.guard, *call.record);
    call.record->status = head.status;
    call.exchange->begin_stream(std::move(head), std::move(pulse));
}

void answer_failure(const Call& call, const std::exception_ptr& thrown) {
    const Failure failure = failure_of(thrown, is_openai(call.request()) ? openai_name : sdapi_name);
    if (failure.status >= 500) call.record->error = failure.sentence;
    answer(call, failed_response(call.request(), failure));
}

void dispatch(Service& service, std::shared_ptr<Exchange> exchange) {
    auto record = std::make_shared<RequestRecord>(exchange->request(), service.metrics, service.log);
    Call call{service, std::move(exchange), {}, std::move(record)};
    try {
        check_admission(call.request(), service.guard);
        if (call.request().method == "OPTIONS") return answer(call, {.status = 204, .type = ""});
        auto found = find_route(call.request());
        const Route& route = *found.first;
        call.record->route = route.path;
        call.values = std::move(found.second);
        if (route.where == Where::network) return handle(call, route);
        service.workers.run([call = std::move(call), &route] { handle(call, route); });
    } catch (...) {
        answer_failure(call, std::current_exception());
    }
}

}  // namespace easel::server
