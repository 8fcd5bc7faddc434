// The description of the APIs, for programs.
#include "server/json.h"
#include "server/openapi.h"
#include "server/routes.h"

namespace easel::server {
namespace {

std::optional<HttpResponse> openapi(const Call&) { return json_response(openapi_document()); }

}  // namespace

std::span<const Route> openapi_routes() {
    static constexpr Route routes[] = {{"GET", "/openapi.json", openapi}};
    return routes;
}

}  // namespace easel::server
