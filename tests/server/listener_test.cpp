#include "server/listener.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace easel::server {
namespace {

/// A connection that sends bytes as they are.
class Connection {
  public:
    explicit Connection(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const timeval patience{10, 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    }
    ~Connection() { close(); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void send(std::string_view bytes) const { ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }
    /// What comes until `end` is among it, or until the other side closes.
    std::string receive(std::string_view end = "") const {
        std::string received;
        char bytes[4096];
        while (end.empty() || received.find(end) == std::string::npos) {
            const auto size = ::recv(socket_, bytes, sizeof(bytes), 0);
            if (size <= 0) break;
            received.append(bytes, static_cast<std::size_t>(size));
        }
        return received;
    }
    /// Whether the other side closes without a byte, before the patience is over.
    bool is_closed_unanswered() const {
        char byte = 0;
        return ::recv(socket_, &byte, 1, 0) == 0;
    }
    void close() {
        if (socket_ >= 0) ::close(socket_);
        socket_ = -1;
    }

  private:
    int socket_;
};

/// A listener that runs while the test does. It answers with what was asked.
class Listening {
  public:
    explicit Listening(Listener::Handler handler = {}, std::function<void(ListenerOptions&)> change = {})
        : listener_(options(change), handler ? std::move(handler) : echo), thread_([this] { listener_.run(); }) {}
    ~Listening() {
        listener_.stop(std::chrono::seconds(5));
        thread_.join();
    }
    Listening(const Listening&) = delete;
    Listening& operator=(const Listening&) = delete;

    Connection connect() const { return Connection(listener_.port()); }

  private:
    static void echo(const std::shared_ptr<Exchange>& exchange) {
        const HttpRequest& request = exchange->request();
        exchange->answer(
            {.type = "text/plain", .body = request.method + " " + request.path + " " + request.body + "."});
    }
    static ListenerOptions options(const std::function<void(ListenerOptions&)>& change) {
        ListenerOptions options;
        options.largest_head = 1000;
        options.largest_body = 10'000;
        options.refusal = [](const HttpRequest&, int status, const std::string& sentence) {
            return HttpResponse{.status = status, .type = "text/plain", .body = sentence};
        };
        if (change) change(options);
        return options;
    }

    Listener listener_;
    std::thread thread_;
};

TEST(Listener, AnswersSeveralRequestsOfAConnection) {
    const Listening server;
    const Connection connection = server.connect();
    for (const char* path : {"/one", "/two"}) {
        connection.send(std::string("GET ") + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
        EXPECT_NE(connection.receive(" .").find(std::string("GET ") + path), std::string::npos);
    }
}

TEST(Listener, TakesBodiesInChunksAndThoseThatAskFirst) {
    const Listening server;
    const Connection connection = server.connect();
    connection.send(
        "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    EXPECT_NE(connection.receive(".").find("POST /a abcde."), std::string::npos);
    connection.send("POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(connection.receive("\r\n\r\n").substr(0, 12), "HTTP/1.1 100");
    connection.send("xyz");
    EXPECT_NE(connection.receive("xyz.").find("POST /b xyz."), std::string::npos);
}

TEST(Listener, DoesNotKeepClientsWaitingThatSendABodyAfterItsHead) {
    const Listening server;
    const Connection connection = server.connect();  // with Nagle's algorithm, as most programs have it
    std::vector<double> seconds;
    for (int i = 0; i < 21; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        connection.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n");
        connection.send("xyz");
        EXPECT_NE(connection.receive("xyz.").find("POST /a xyz."), std::string::npos);
        seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    }
    std::ranges::sort(seconds);
    EXPECT_LT(seconds[10], 0.02) << "the kernel acknowledges the head after 40 ms";
}

TEST(Listener, AnswersHeadWithoutTheBody) {
    const Listening server;
    const Connection connection = server.connect();
    connection.send("HEAD /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const std::string answer = connection.receive();
    EXPECT_NE(answer.find("Content-Length: 8\r\n"), std::string::npos) << answer;
    EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST(Listener, RefusesWhatIsTooLargeOrNoHttp) {
    const Listening server;
    const auto status_of = [&](const std::string& request) {
        const Connection connection = server.connect();
        connection.send(request);
        return connection.receive().substr(0, 12);
    };
    EXPECT_EQ(status_of("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2147483648\r\n\r\n"), "HTTP/1.1 413");
    EXPECT_EQ(status_of("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4000\r\n" +
                        std::string(0x4000, ' ') + "\r\n"),
              "HTTP/1.1 413");
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(2000, 'a') + "\r\n\r\n"), "HTTP/1.1 431");
    for (const char* broken : {"GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
                               "POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\n"})
        EXPECT_EQ(status_of(broken), "HTTP/1.1 400") << broken;
}

TEST(Listener, SeesThatAClientIsGone) {
    std::promise<void> arrived, gone;
    std::shared_ptr<Exchange> kept;
    const Listening server([&](const std::shared_ptr<Exchange>& exchange) {
        kept = exchange;
        exchange->when_gone([&] { gone.set_value(); });
        arrived.set_value();
    });
    Connection connection = server.connect();
    connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    arrived.get_future().wait();
    connection.close();
    EXPECT_EQ(gone.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
    kept->answer({});  // comes to nothing
    kept.reset();
}

TEST(Listener, AnswersInPieces) {
    const Listening server([](const std::shared_ptr<Exchange>& exchange) {
        exchange->begin_stream({.type = "text/event-stream"}, ":\n\n");
        exchange->send("one ");
        exchange->send("two");
        exchange->end_stream();
    });
    const Connection connection = server.connect();
    connection.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const std::string answer = connection.receive();
    EXPECT_NE(answer.find("Transfer-Encoding: chunked"), std::string::npos);
    EXPECT_TRUE(answer.ends_with("4\r\none \r\n3\r\ntwo\r\n0\r\n\r\n")) << answer;
}

TEST(Listener, AnswersForAHandlerThatForgetsTo) {
    const Listening server([](const std::shared_ptr<Exchange>&) {});
    const Connection connection = server.connect();
    connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(connection.receive("\r\n\r\n").substr(0, 12), "HTTP/1.1 500");
}

TEST(Listener, ClosesHeadsThatDoNotEnd) {
    const Listening server({}, [](ListenerOptions& options) { options.head_time = std::chrono::seconds(1); });
    const Connection connection = server.connect();
    connection.send("GET / HTTP/1.1\r\nHo");
    EXPECT_TRUE(connection.is_closed_unanswered());
}

TEST(Listener, ClosesBodiesThatStop) {
    const Listening server({}, [](ListenerOptions& options) { options.body_idle = std::chrono::seconds(1); });
    const Connection connection = server.connect();
    connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc");
    EXPECT_TRUE(connection.is_closed_unanswered());
}

TEST(Listener, ClosesTheLongestIdleConnectionWhenThereAreTooMany) {
    const Listening server(
        [](const std::shared_ptr<Exchange>& exchange) { exchange->answer({.type = "", .body = "x."}); },
        [](ListenerOptions& options) { options.connections = 2; });
    const auto ask = [](const Connection& connection) {
        connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        return connection.receive("x.").substr(0, 12);
    };
    const Connection first = server.connect();
    EXPECT_EQ(ask(first), "HTTP/1.1 200");
    const Connection second = server.connect();
    EXPECT_EQ(ask(second), "HTTP/1.1 200");
    const Connection third = server.connect();
    EXPECT_EQ(ask(third), "HTTP/1.1 200");
    EXPECT_TRUE(first.is_closed_unanswered());
    EXPECT_EQ(ask(second), "HTTP/1.1 200");
}

}  // namespace
}  // namespace easel::server
