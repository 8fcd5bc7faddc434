#include "server/request_record.h"

#include <algorithm>

#include "server/random_id.h"

namespace easel::server {
namespace {

constexpr std::size_t longest_id = 128;

std::string id_of(const HttpRequest& request) {
    const std::string_view given = request.header("X-Request-Id");
    const bool is_fit = !given.empty() && given.size() <= longest_id &&
                        std::ranges::all_of(given, [](char c) { return c > ' ' && c < '\x7f'; });
    return is_fit ? std::string(given) : random_id();
}

/// What is a label of a metric must not be a client's choice.
std::string method_of(const HttpRequest& request) {
    constexpr std::string_view known[] = {"GET", "POST", "DELETE", "OPTIONS", "PUT", "PATCH"};
    return std::ranges::find(known, request.method) == std::end(known) ? "other" : request.method;
}

}  // namespace

RequestRecord::RequestRecord(const HttpRequest& request, Metrics& metrics, Log& log)
    : id(id_of(request)), method_(method_of(request)), metrics_(metrics), log_(log) {}

void RequestRecord::end() {
    if (is_over_) return;
    is_over_ = true;
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count();
    metrics_.count_request(route, method_, status, seconds);
    nlohmann::ordered_json line = {{"request_id", id}};
    if (!job.empty()) line["job"] = job;
    line.update({{"method", method_}, {"route", route}, {"status", status}, {"seconds", seconds}});
    if (!error.empty()) line["error"] = error;
    if (!prompt.empty()) line["prompt"] = prompt;
    log_.write(status >= 500 ? "error" : "info", line);
}

}  // namespace easel::server
