#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "hub/options.h"

namespace easel::hub {

/// Scheme, host and port of an http or https address, "https://host:443". Nothing for any other, and for one with a
/// user or a password in it.
std::optional<std::string> origin_of(const std::string& url);

/// Everything but letters, digits and "-._~" as %XX; "/" is kept if `keep_slashes`.
std::string percent_encoded(std::string_view text, bool keep_slashes);

/// An answer. Header names are in lower case.
struct Reply {
    int status = 0;
    std::map<std::string, std::string> headers;
    std::string body;
    /// What Retry-After asks for, as a number of seconds or as a date.
    std::optional<std::chrono::seconds> retry_after;

    bool is_success() const { return status >= 200 && status < 300; }
    /// A header's value; empty when it is not there.
    std::string header(const std::string& name) const;
};

/// Requests to one hub, over connections that are kept. Certificates are checked; proxies are those of the environment
/// (https_proxy, no_proxy, ...). The token is sent only to the endpoint's own scheme, host and port, never
/// to the target of a redirect elsewhere. Throws Unavailable if there is no answer, Error if retrying is useless, and
/// Cancelled.
class HttpClient {
  public:
    HttpClient(const Options& options, std::stop_token stop);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    /// The whole answer, at most 16 MiB.
    Reply get(const std::string& url);
    /// The headers. Follows redirects only on the endpoint: one to elsewhere is itself the answer, and its headers are
    /// the hub's own.
    Reply head(const std::string& url);

    /// Called with the headers and each piece of a file's content.
    using Sink = std::function<void(const Reply&, std::string_view)>;
    /// Asks for what comes after the first `offset` bytes; an answer's status says whether it begins there (206) or at
    /// the start (200). `sink` is called for these only.
    Reply download(const std::string& url, std::uint64_t offset, const Sink& sink);

  private:
    class Transfer;
    Reply follow(const std::string& url, bool only_on_endpoint, const std::function<void(Transfer&)>& prepare);

    Options options_;
    std::string endpoint_origin_;
    std::stop_token stop_;
    /// Owns the connections.
    std::unique_ptr<void, void (*)(void*)> multi_;
};

}  // namespace easel::hub
