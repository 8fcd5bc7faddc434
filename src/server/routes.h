#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/http.h"
#include "server/service.h"

namespace easel::server {

/// A request on its way to the handler of its endpoint.
struct Call {
    Service& service;
    std::shared_ptr<Exchange> exchange;
    /// What stands for the {...} of the route's path, in their order.
    std::vector<std::string> values;

    const HttpRequest& request() const { return exchange->request(); }
};

/// Answers a call; nothing where the answer comes later, through the exchange. May throw.
using Handler = std::optional<HttpResponse> (*)(const Call& call);

/// Where a handler runs.
enum class Where {
    /// On the network's thread: it does next to nothing.
    network,
    /// On a worker's.
    worker
};

/// An endpoint.
struct Route {
    std::string_view method;
    /// "/easel/v1/jobs/{id}"
    std::string_view path;
    Handler handler;
    Where where = Where::worker;
};

// The endpoints, by subject.
std::span<const Route> sdapi_routes();
std::span<const Route> sdapi_list_routes();
std::span<const Route> sdapi_progress_routes();
std::span<const Route> sdapi_picture_routes();
std::span<const Route> openai_routes();
std::span<const Route> job_routes();
std::span<const Route> health_routes();
std::span<const Route> page_routes();

/// The values of a path that fits a route's; nothing when it does not fit.
std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path);

/// Lets a request in or refuses it, and answers it by its endpoint. Errors are told as the endpoint's API tells them.
void dispatch(Service& service, std::shared_ptr<Exchange> exchange);

/// The answer to a request that failed, with all that every answer has.
HttpResponse failed_response(const HttpRequest& request, const GuardOptions& guard, const std::exception_ptr& thrown);

/// Answers the exchange, with all that every answer has.
void answer(const Call& call, HttpResponse response);
void answer_failure(const Call& call, const std::exception_ptr& thrown);

}  // namespace easel::server
