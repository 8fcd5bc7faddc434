#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/http.h"
#include "server/request_record.h"
#include "server/service.h"

namespace easel::server {

/// A request on its way to the handler of its endpoint.
struct Call {
    Service& service;
    std::shared_ptr<Exchange> exchange;
    /// What stands for the {...} of the route's path, in their order.
    std::vector<std::string> values;
    std::shared_ptr<RequestRecord> record;

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
    /// "/easel/v1/jobs/{id}"; "{id*}" at the end takes slashes too.
    std::string_view path;
    Handler handler;
    Where where = Where::worker;
};

// The endpoints, by subject.
std::span<const Route> sdapi_routes();
std::span<const Route> sdapi_list_routes();
std::span<const Route> sdapi_progress_routes();
std::span<const Route> sdapi_picture_routes();
std::span<const Route> sdapi_extra_routes();
std::span<const Route> controlnet_routes();
std::span<const Route> openai_routes();
std::span<const Route> job_routes();
std::span<const Route> help_routes();
std::span<const Route> health_routes();
std::span<const Route> metrics_routes();
std::span<const Route> openapi_routes();
std::span<const Route> page_routes();

/// All of them, in the order in which a request is compared with them.
std::vector<Route> all_routes();

/// The values of a path that fits a route's; nothing when it does not fit.
std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path);

/// Lets a request in or refuses it, and answers it by its endpoint. Errors are told as the endpoint's API tells them.
void dispatch(Service& service, std::shared_ptr<Exchange> exchange);

/// The answer to a request that is refused before it is read whole, with all that every answer has.
HttpResponse unread_response(Service& service, const HttpRequest& head, int status, const std::string& sentence);

/// Answers the exchange, with all that every answer has.
void answer(const Call& call, HttpResponse response);
/// The same for an answer that comes in pieces; see Exchange::begin_stream().
void answer_stream(const Call& call, HttpResponse head, std::string pulse);
void answer_failure(const Call& call, const std::exception_ptr& thrown);

}  // namespace easel::server
