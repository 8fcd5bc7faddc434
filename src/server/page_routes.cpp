// The page to draw with.
#include "server/page_files.h"
#include "server/refusal.h"
#include "server/routes.h"

namespace easel::server {
namespace {

/// Nothing but this server's own files and what the page makes itself; no frame of another page.
constexpr const char* content_policy =
    "default-src 'self'; img-src 'self' data: blob:; connect-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'none'; "
    "frame-ancestors 'none'";

std::string_view type_of(std::string_view name) {
    if (name.ends_with(".html")) return "text/html; charset=utf-8";
    if (name.ends_with(".css")) return "text/css; charset=utf-8";
    if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
    return name.ends_with(".svg") ? "image/svg+xml" : "application/json";
}

std::optional<HttpResponse> file(const Call& call) {
    const std::string_view path = call.request().path;
    const std::string_view wanted = path == "/" ? "index.html" : path.substr(path.rfind('/') + 1);
    for (const PageFile& file : page_files()) {
        if (file.name != wanted) continue;
        HttpResponse response{.type = std::string(type_of(file.name)), .body = std::string(file.bytes)};
        response.headers = {{"Cache-Control", "no-cache"},
                            {"ETag", std::string(file.etag)},
                            {"Content-Security-Policy", content_policy}};
        if (call.request().header("If-None-Match") == file.etag) {
            response.status = 304;
            response.body.clear();
        }
        return response;
    }
    refuse_with(404, "there is nothing at this path");
}

constexpr Route routes[] = {
    {"GET", "/", file, Where::network},
    {"GET", "/page/{file}", file, Where::network},
};

}  // namespace

std::span<const Route> page_routes() { return routes; }

}  // namespace easel::server
