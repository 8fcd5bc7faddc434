#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace easel::server {

/// The name and value of each header, in their order.
using Headers = std::vector<std::pair<std::string, std::string>>;

/// The value of the first header of that name, in any case; null when there is none.
const std::string* find_header(const Headers& headers, std::string_view name);

/// A request as it came, its body whole.
struct HttpRequest {
    std::string method;
    /// Decoded, without the query and without slashes at the end: "/sdapi/v1/options".
    std::string path;
    /// Decoded; of a name that occurs several times the last.
    std::map<std::string, std::string> query;
    Headers headers;
    std::string body;
    /// The address that the connection comes from: "127.0.0.1".
    std::string client;

    /// The header's value; empty when there is none.
    std::string_view header(std::string_view name) const;
};

struct HttpResponse {
    int status = 200;
    std::string type = "application/json";
    std::string body;
    /// Besides Content-Type, Content-Length and those that every answer has.
    Headers headers = {};
};

/// Splits a request's target, "/a%20b/?x=1", into HttpRequest's path and query.
void set_target(HttpRequest& request, std::string_view target);

/// Of server-sent events: the number in Last-Event-ID; 0 where there is none or it is no number of ours.
std::uint64_t last_event_seen(const HttpRequest& request);

/// A request that waits for its answer. All functions may be called from any thread; after the client has gone they do
/// nothing.
class Exchange {
  public:
    explicit Exchange(HttpRequest request) : request_(std::move(request)) {}
    virtual ~Exchange() = default;
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    const HttpRequest& request() const { return request_; }

    /// The whole answer, once.
    virtual void answer(HttpResponse response) = 0;

    /// In place of answer(): the head of an answer that comes in pieces. `pulse` is sent when there was no piece for 15
    /// seconds, so that what lies between does not take the connection for dead.
    virtual void begin_stream(HttpResponse head, std::string pulse) = 0;
    /// False when so much waits to be sent that this piece was dropped.
    virtual bool send(std::string piece) = 0;
    virtual void end_stream() = 0;

    /// `gone` is called once, on the network's thread, when the client closes the connection before the answer is
    /// whole; at once if it has closed already.
    virtual void when_gone(std::function<void()> gone) = 0;

  private:
    HttpRequest request_;
};

}  // namespace easel::server
