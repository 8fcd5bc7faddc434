#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "server/http.h"

namespace easel::server {

/// Where requests come from, and what they may take.
struct ListenerOptions {
    /// An address of this machine, or a name for one.
    std::string host = "127.0.0.1";
    /// 0 for any that is free.
    std::uint16_t port = 0;
    /// Of a request line with its headers, in bytes.
    std::size_t largest_head = 16u << 10;
    /// In bytes.
    std::size_t largest_body = 64u << 20;
    /// At once. Beyond them the one that has been idle longest is closed.
    std::size_t connections = 256;
    /// From a head's first byte to its last.
    std::chrono::seconds head_time{10};
    /// Without a byte of a body.
    std::chrono::seconds body_idle{60};
    /// Between requests.
    std::chrono::seconds idle{75};
    /// The answer to a request that is refused before it is read whole; of those that are no HTTP the head is empty.
    std::function<HttpResponse(const HttpRequest& head, int status, const std::string& sentence)> refusal;
};

/// Speaks HTTP/1.1: keep-alive, chunked bodies, Expect: 100-continue. Requests that are none, or too large, are
/// answered here; HEAD is answered as GET without the body.
class Listener {
  public:
    /// Called on the network's thread, so that it must not take long. The exchange has to be answered in the end.
    using Handler = std::function<void(std::shared_ptr<Exchange>)>;

    /// Takes the port. Throws Error when it cannot be had.
    Listener(const ListenerOptions& options, Handler handler);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    /// The one that was taken.
    std::uint16_t port() const;

    /// Serves on the calling thread until stop().
    void run();

    /// From any thread: takes no more connections, and lets run() return when what is asked already is answered and
    /// sent, or after `patience`.
    void stop(std::chrono::milliseconds patience);

  private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace easel::server
