// The page to draw with.
#include <stdexcept>

#include <fmt/format.h>
#include <zlib.h>

#include "server/page_files.h"
#include "server/refusal.h"
#include "server/routes.h"

namespace easel::server {
namespace {

/// Nothing but this server's own files and what the page makes itself; no frame of another page.
std::string content_policy() {
    return fmt::format(
        "default-src 'self'; script-src 'self' '{}'; img-src 'self' data: blob:; connect-src 'self' blob:; "
        "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        import_map_hash());
}

std::string_view type_of(std::string_view name) {
    if (name.ends_with(".html")) return "text/html; charset=utf-8";
    if (name.ends_with(".css")) return "text/css; charset=utf-8";
    if (name.ends_with(".js") || name.ends_with(".mjs")) return "text/javascript; charset=utf-8";
    if (name.ends_with(".png")) return "image/png";
    return name.ends_with(".svg") ? "image/svg+xml" : "application/manifest+json";
}

/// Browsers do; curl does not unless it is told to.
bool takes_gzip(const HttpRequest& request) {
    const std::string_view accepted = request.header("Accept-Encoding");
    const std::size_t at = accepted.find("gzip");
    return at != std::string_view::npos && !accepted.substr(at).starts_with("gzip;q=0");
}

std::string unzipped(const PageFile& file) {
    std::string bytes(file.size, '\0');
    z_stream stream{};
    constexpr int gzip_window = 15 + 16;
    if (inflateInit2(&stream, gzip_window) != Z_OK) throw std::bad_alloc();
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(file.gzipped.data()));
    stream.avail_in = static_cast<uInt>(file.gzipped.size());
    stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
    stream.avail_out = static_cast<uInt>(bytes.size());
    const int state = inflate(&stream, Z_FINISH);
    inflateEnd(&stream);
    if (state != Z_STREAM_END) throw std::logic_error("a file of the page is damaged");
    return bytes;
}

HttpResponse answer_with(const PageFile& file, const HttpRequest& request) {
    const bool zipped = takes_gzip(request);
    const std::string etag = fmt::format(R"("{}{}")", file.hash, zipped ? "-gzip" : "");
    HttpResponse response{.type = std::string(type_of(file.name))};
    response.headers = {{"Cache-Control", "no-cache"},
                        {"ETag", etag},
                        {"Vary", "Accept-Encoding, Origin"},
                        {"Content-Security-Policy", content_policy()}};
    if (request.header("If-None-Match") == etag) {
        response.status = 304;
        return response;
    }
    if (zipped) response.headers.emplace_back("Content-Encoding", "gzip");
    response.body = zipped ? std::string(file.gzipped) : unzipped(file);
    return response;
}

std::optional<HttpResponse> file(const Call& call) {
    constexpr std::string_view folder = "/page/";
    const std::string_view path = call.request().path;
    const std::string_view wanted = path == "/" ? "index.html" : path.substr(folder.size());
    for (const PageFile& file : page_files())
        if (file.name == wanted) return answer_with(file, call.request());
    refuse_with(404, "there is nothing at this path");
}

}  // namespace

std::span<const Route> page_routes() {
    static constexpr Route routes[] = {
        {"GET", "/", file, Where::network},
        {"GET", "/page/{file}", file, Where::network},
        {"GET", "/page/{folder}/{file}", file, Where::network},
    };
    return routes;
}

}  // namespace easel::server
