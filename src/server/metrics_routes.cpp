// What Prometheus collects.
#include "server/routes.h"

namespace easel::server {
namespace {

std::optional<HttpResponse> metrics(const Call& call) {
    const Service& service = call.service;
    const Gauges gauges{.queue_depth = service.queue.waiting(),
                        .queue_capacity = service.queue.capacity(),
                        .job_is_running = service.queue.running() != nullptr,
                        .model_is_loaded = !service.models.opened_title().empty()};
    return HttpResponse{.type = "text/plain; version=0.0.4; charset=utf-8", .body = service.metrics.text(gauges)};
}

}  // namespace

std::span<const Route> metrics_routes() {
    static constexpr Route routes[] = {{"GET", "/metrics", metrics}};
    return routes;
}

}  // namespace easel::server
