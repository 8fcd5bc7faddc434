// What those who run servers look at.
#include "server/json.h"
#include "server/refusal.h"
#include "server/routes.h"

namespace easel::server {
namespace {

std::optional<HttpResponse> alive(const Call&) { return json_response({{"status", "ok"}}); }

std::optional<HttpResponse> ready(const Call& call) {
    if (call.service.is_ending) refuse_with(503, "the server is about to end");
    if (!call.service.is_ready) refuse_with(503, "the model is being loaded");
    return json_response({{"status", "ready"}});
}

}  // namespace

std::span<const Route> health_routes() {
    static constexpr Route routes[] = {
        {"GET", "/healthz", alive, Where::network},
        {"GET", "/readyz", ready, Where::network},
    };
    return routes;
}

}  // namespace easel::server
