#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/http.h"

namespace easel::server {

/// Whom the server listens to.
struct GuardOptions {
    /// Names in Host besides addresses and those of this machine.
    std::vector<std::string> allowed_hosts;
    /// Pages of other origins that may use the server: "https://example.org".
    std::vector<std::string> cors_origins;
    /// "user:password"; none for no password.
    std::optional<std::string> password;
};

/// Throws Refusal: 400 without a Host, 403 for a Host that is not this server's (a page of another site could have its
/// name point here) and for anything but reading that a page of another site asks for, 401 without the password.
void check_admission(const HttpRequest& request, const GuardOptions& options);

/// Whether the request's Origin is one of GuardOptions::cors_origins.
bool is_allowed_origin(const HttpRequest& request, const GuardOptions& options);

/// Whether `host` names this machine alone: "localhost", "127.0.0.1", "::1".
bool is_loopback(std::string_view host);

}  // namespace easel::server
