#include "server/guard.h"

#include <algorithm>
#include <cctype>

#include <arpa/inet.h>

#include "base/base64.h"
#include "server/refusal.h"

namespace easel::server {
namespace {

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return result;
}

/// The name in a Host, without the port and in small letters: "[::1]:7860" is "::1".
std::string host_name(std::string_view host) {
    if (host.starts_with('[')) return lower(host.substr(1, host.find(']') - 1));
    return lower(host.substr(0, host.find(':')));
}

bool is_address(const std::string& name) {
    unsigned char address[sizeof(in6_addr)];
    return ::inet_pton(AF_INET, name.c_str(), address) == 1 || ::inet_pton(AF_INET6, name.c_str(), address) == 1;
}

void check_host(const HttpRequest& request, const GuardOptions& options) {
    const std::string_view host = request.header("Host");
    if (host.empty()) refuse_with(400, "the request has no Host");
    const std::string name = host_name(host);
    if (is_address(name) || name == "localhost" || name == "host.docker.internal") return;
    const auto is_name = [&](const std::string& allowed) { return lower(allowed) == name; };
    if (std::ranges::any_of(options.allowed_hosts, is_name)) return;
    refuse_with(403, "this server is not known by the name {:.80}; start it with --allow-host to have it so", name);
}

bool only_reads(const HttpRequest& request) { return request.method == "GET" || request.method == "OPTIONS"; }

void check_origin(const HttpRequest& request, const GuardOptions& options) {
    if (only_reads(request) || is_allowed_origin(request, options)) return;
    const std::string origin = lower(request.header("Origin"));
    const std::string host = lower(request.header("Host"));
    const bool is_foreign = origin.empty() ? request.header("Sec-Fetch-Site") == "cross-site"
                                           : origin != "http://" + host && origin != "https://" + host;
    if (is_foreign)
        refuse_with(403, "pages of other sites may not use this server; start it with --cors-origin to let one");
}

/// In a time that does not tell how much of it is right.
bool same_secret(std::string_view given, std::string_view secret) {
    unsigned difference = given.size() == secret.size() ? 0 : 1;
    for (std::size_t i = 0; i < secret.size(); ++i)
        difference |= static_cast<unsigned char>(secret[i]) ^
                      static_cast<unsigned char>(given.empty() ? 0 : given[i % given.size()]);
    return difference == 0;
}

void check_password(const HttpRequest& request, const GuardOptions& options) {
    if (!options.password || request.method == "OPTIONS") return;
    if (request.path == "/healthz" || request.path == "/readyz") return;
    constexpr std::string_view basic = "basic ", bearer = "bearer ";
    const std::string_view given = request.header("Authorization");
    const std::string scheme = lower(given.substr(0, basic.size() + 1));
    const std::string& secret = *options.password;
    if (scheme.starts_with(basic)) {
        const auto text = from_base64(given.substr(basic.size()));
        if (text && same_secret(*text, secret)) return;
    } else if (scheme.starts_with(bearer)) {
        if (same_secret(given.substr(bearer.size()), std::string_view(secret).substr(secret.find(':') + 1))) return;
    }
    refuse_with(401, "a user and a password are needed");
}

}  // namespace

bool is_allowed_origin(const HttpRequest& request, const GuardOptions& options) {
    const std::string_view origin = request.header("Origin");
    return !origin.empty() && std::ranges::find(options.cors_origins, origin) != options.cors_origins.end();
}

void check_admission(const HttpRequest& request, const GuardOptions& options) {
    check_host(request, options);
    check_origin(request, options);
    check_password(request, options);
}

bool is_loopback(std::string_view host) {
    return host == "localhost" || host == "::1" || (host.starts_with("127.") && is_address(std::string(host)));
}

}  // namespace easel::server
