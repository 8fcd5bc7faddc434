#include "server/listener.h"

#include <atomic>
#include <cerrno>
#include <deque>
#include <list>
#include <optional>
#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/error.h"

namespace easel::server {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using net::ip::tcp;
using std::chrono::seconds;

constexpr seconds time_to_take_an_answer{300};
constexpr seconds time_to_take_a_piece{60};
constexpr seconds pulse_time{15};
/// What a client that is refused may still be sending: read for so long, so that it sees the answer before the end.
constexpr seconds linger_time{2};
/// Of a stream, what may wait to be sent.
constexpr std::size_t largest_backlog = 4u << 20;

class Session;

/// What the sessions have in common. Used by the network's thread alone.
struct Shared {
    ListenerOptions options;
    Listener::Handler handler;
    /// Those that wait for a request, the one that waits longest first.
    std::list<Session*> idle;
    std::size_t sessions = 0;
    bool stopping = false;
    /// Called when a session has ended.
    std::function<void()> ended;
    /// Last, so that the sessions it still holds at the end find the rest.
    net::io_context io{1};
};

/// A connection.
class Session : public std::enable_shared_from_this<Session> {
  public:
    Session(tcp::socket socket, Shared& shared) : shared_(shared), stream_(std::move(socket)), pulse_timer_(shared.io) {
        ++shared_.sessions;
    }
    ~Session() {
        leave_idle();
        --shared_.sessions;
        shared_.ended();
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    void await_request();
    void leave_idle();
    void close();

    // For exchanges, from any thread.
    net::io_context& io() { return shared_.io; }
    void answer(HttpResponse response);
    void begin_stream(HttpResponse head, std::string pulse);
    bool send(std::string piece);
    void end_stream();
    void when_gone(std::function<void()> gone);

  private:
    template <typename Body>
    using Message = http::response<Body>;

    void read_head();
    void on_head(const beast::error_code& error);
    void read_body();
    void acknowledge_at_once();
    void on_request();
    void fail(const beast::error_code& error);
    void refuse(int status, const std::string& sentence);
    void linger(std::size_t read_already);
    void watch();
    void on_gone();
    void on_answered();
    void flush();
    void start_pulse();
    HttpRequest head_of_request() const;
    template <typename Body>
    std::shared_ptr<Message<Body>> message_of(const HttpResponse& response) const;

    Shared& shared_;
    beast::tcp_stream stream_;
    beast::flat_buffer buffer_;
    std::optional<http::request_parser<http::string_body>> parser_;
    std::optional<std::list<Session*>::iterator> idle_;

    /// Of the request that waits for its answer.
    bool awaiting_ = false, is_head_ = false, keep_alive_ = true, is_gone_ = false;
    /// Counts requests, so that what was begun for an earlier one is known.
    std::size_t number_ = 0;
    std::function<void()> gone_;

    /// Of an answer in pieces.
    bool streaming_ = false, writing_ = false, stream_ends_ = false;
    std::deque<std::string> pieces_;
    std::atomic<std::size_t> backlog_ = 0;
    std::string pulse_;
    net::steady_timer pulse_timer_;
};

/// A request of a session.
class SessionExchange : public Exchange {
  public:
    SessionExchange(HttpRequest request, std::shared_ptr<Session> session)
        : Exchange(std::move(request)), session_(std::move(session)) {}
    ~SessionExchange() override {
        // A handler that failed must not leave the client waiting.
        if (!begun_) session_->answer({.status = 500, .type = "text/plain", .body = "internal error\n"});
        // The session's own end belongs to the network's thread.
        auto& io = session_->io();
        net::post(io, [session = std::move(session_)] {});
    }

    void answer(HttpResponse response) override {
        if (!begun_.exchange(true)) session_->answer(std::move(response));
    }
    void begin_stream(HttpResponse head, std::string pulse) override {
        if (!begun_.exchange(true)) session_->begin_stream(std::move(head), std::move(pulse));
    }
    bool send(std::string piece) override { return session_->send(std::move(piece)); }
    void end_stream() override { session_->end_stream(); }
    void when_gone(std::function<void()> gone) override { session_->when_gone(std::move(gone)); }

  private:
    std::shared_ptr<Session> session_;
    std::atomic<bool> begun_ = false;
};

// ---- requests

void Session::await_request() {
    if (shared_.stopping) return close();
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(shared_.options.largest_head));
    parser_->body_limit(shared_.options.largest_body);
    if (buffer_.size() > 0) return read_head();
    idle_ = shared_.idle.insert(shared_.idle.end(), this);
    stream_.expires_after(shared_.options.idle);
    stream_.async_read_some(buffer_.prepare(4096),
                            [self = shared_from_this()](const beast::error_code& error, std::size_t size) {
                                self->leave_idle();
                                if (error) return self->close();
                                self->buffer_.commit(size);
                                self->read_head();
                            });
}

void Session::leave_idle() {
    if (idle_) shared_.idle.erase(*idle_);
    idle_.reset();
}

void Session::read_head() {
    stream_.expires_after(shared_.options.head_time);
    http::async_read_header(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](const beast::error_code& error, std::size_t) { self->on_head(error); });
}

void Session::on_head(const beast::error_code& error) {
    if (error) return fail(error);
    parser_->eager(true);
    const auto& head = parser_->get();
    is_head_ = head.method() == http::verb::head;
    keep_alive_ = head.keep_alive();
    if (!beast::iequals(head[http::field::expect], "100-continue") || parser_->is_done()) return read_body();
    const auto go_on = std::make_shared<Message<http::empty_body>>(http::status::continue_, 11);
    http::async_write(stream_, *go_on,
                      [self = shared_from_this(), go_on](const beast::error_code& unsent, std::size_t) {
                          unsent ? self->close() : self->read_body();
                      });
}

void Session::read_body() {
    if (parser_->is_done()) return on_request();
    stream_.expires_after(shared_.options.body_idle);
    acknowledge_at_once();
    http::async_read_some(stream_, buffer_, *parser_,
                          [self = shared_from_this()](const beast::error_code& error, std::size_t) {
                              error ? self->fail(error) : self->read_body();
                          });
}

/// A client that sends the head and the body apart, as many do, sends the body after the head is acknowledged, which
/// the kernel does 40 ms late unless it is told. It forgets that with time.
void Session::acknowledge_at_once() {
    const int on = 1;
    ::setsockopt(stream_.socket().native_handle(), IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
}

HttpRequest Session::head_of_request() const {
    HttpRequest request;
    const auto& message = parser_->get();
    request.method = is_head_ ? "GET" : std::string(message.method_string());
    for (const auto& field : message)
        request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    const auto target = message.target();
    set_target(request, {target.data(), target.size()});
    beast::error_code gone;
    const tcp::endpoint client = stream_.socket().remote_endpoint(gone);
    if (!gone) request.client = client.address().to_string();
    return request;
}

void Session::on_request() {
    HttpRequest request = head_of_request();
    request.body = std::move(parser_->get().body());
    stream_.expires_never();
    awaiting_ = true;
    ++number_;
    watch();
    shared_.handler(std::make_shared<SessionExchange>(std::move(request), shared_from_this()));
}

void Session::fail(const beast::error_code& error) {
    if (error == http::error::body_limit)
        return refuse(413, fmt::format("the request's body is over {} MiB", shared_.options.largest_body >> 20));
    if (error == http::error::header_limit || error == http::error::buffer_overflow)
        return refuse(431, fmt::format("the request's headers are over {} kB", shared_.options.largest_head >> 10));
    const bool is_ours = error.category() == make_error_code(http::error::bad_line_ending).category();
    if (is_ours && error != http::error::end_of_stream && error != http::error::partial_message)
        return refuse(400, fmt::format("this is no HTTP request that can be read ({})", error.message()));
    close();
}

void Session::refuse(int status, const std::string& sentence) {
    keep_alive_ = false;
    const auto message = message_of<http::string_body>(shared_.options.refusal(head_of_request(), status, sentence));
    stream_.expires_after(time_to_take_a_piece);
    http::async_write(stream_, *message,
                      [self = shared_from_this(), message](const beast::error_code& error, std::size_t) {
                          if (error) return self->close();
                          beast::error_code ignored;
                          self->stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
                          self->stream_.expires_after(linger_time);
                          self->linger(0);
                      });
}

void Session::linger(std::size_t read_already) {
    if (read_already > shared_.options.largest_body) return close();
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(65536), [self = shared_from_this(), read_already](
                                                        const beast::error_code& error, std::size_t size) {
        error ? self->close() : self->linger(read_already + size);
    });
}

void Session::close() {
    beast::error_code ignored;
    pulse_timer_.cancel();
    stream_.socket().shutdown(tcp::socket::shutdown_both, ignored);
    stream_.close();
}

// ---- a client that goes away

void Session::watch() {
    if (buffer_.size() > 0) return;  // the next request is there already
    stream_.socket().async_wait(
        tcp::socket::wait_read, [self = shared_from_this(), number = number_](const beast::error_code& error) {
            if (error || !self->awaiting_ || number != self->number_) return;
            char byte = 0;
            const auto received = ::recv(self->stream_.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
            if (received > 0) return;
            if (received < 0 && (errno == EAGAIN || errno == EINTR)) return self->watch();
            self->on_gone();
        });
}

void Session::on_gone() {
    awaiting_ = streaming_ = false;
    is_gone_ = true;
    if (const auto gone = std::exchange(gone_, {})) gone();
    close();
}

void Session::when_gone(std::function<void()> gone) {
    net::post(shared_.io, [self = shared_from_this(), gone = std::move(gone)]() mutable {
        if (self->is_gone_) return gone();
        if (self->awaiting_) self->gone_ = std::move(gone);
    });
}

// ---- answers

template <typename Body>
std::shared_ptr<Session::Message<Body>> Session::message_of(const HttpResponse& response) const {
    auto message = std::make_shared<Message<Body>>();
    message->result(static_cast<unsigned>(response.status));
    if (!response.type.empty()) message->set(http::field::content_type, response.type);
    for (const auto& [name, value] : response.headers) message->set(name, value);
    message->keep_alive(keep_alive_ && !shared_.stopping);
    if constexpr (std::is_same_v<Body, http::string_body>) {
        message->body() = response.body;
        message->prepare_payload();
    }
    return message;
}

void Session::answer(HttpResponse response) {
    net::post(shared_.io, [self = shared_from_this(), response = std::move(response)] {
        if (!self->awaiting_) return;
        const auto write = [&](auto message) {
            self->stream_.expires_after(time_to_take_an_answer);
            http::async_write(self->stream_, *message, [self, message](const beast::error_code& error, std::size_t) {
                error ? self->on_gone() : self->on_answered();
            });
        };
        if (!self->is_head_) return write(self->message_of<http::string_body>(response));
        const auto message = self->message_of<http::empty_body>(response);
        message->content_length(response.body.size());
        write(message);
    });
}

void Session::on_answered() {
    awaiting_ = streaming_ = stream_ends_ = false;
    gone_ = {};
    if (!keep_alive_ || shared_.stopping) return close();
    await_request();
}

void Session::begin_stream(HttpResponse head, std::string pulse) {
    net::post(shared_.io, [self = shared_from_this(), head = std::move(head), pulse = std::move(pulse)]() mutable {
        if (!self->awaiting_) return;
        const auto message = self->message_of<http::empty_body>(head);
        message->chunked(true);
        const auto serializer = std::make_shared<http::response_serializer<http::empty_body>>(*message);
        self->streaming_ = self->writing_ = true;
        self->pulse_ = std::move(pulse);
        self->stream_.expires_after(time_to_take_a_piece);
        http::async_write_header(self->stream_, *serializer,
                                 [self, message, serializer](const beast::error_code& error, std::size_t) {
                                     if (error) return self->on_gone();
                                     self->writing_ = false;
                                     self->stream_.expires_never();
                                     self->start_pulse();
                                     self->flush();
                                 });
    });
}

bool Session::send(std::string piece) {
    if (backlog_ + piece.size() > largest_backlog) return false;
    backlog_ += piece.size();
    net::post(shared_.io, [self = shared_from_this(), piece = std::move(piece)]() mutable {
        if (!self->awaiting_) return;
        self->pieces_.push_back(std::move(piece));
        self->flush();
    });
    return true;
}

void Session::end_stream() {
    net::post(shared_.io, [self = shared_from_this()] {
        if (!self->awaiting_) return;
        self->stream_ends_ = true;
        self->flush();
    });
}

void Session::flush() {
    if (!streaming_ || writing_) return;
    if (pieces_.empty() && !stream_ends_) return;
    writing_ = true;
    stream_.expires_after(time_to_take_a_piece);
    if (pieces_.empty()) {
        pulse_timer_.cancel();
        net::async_write(stream_, http::make_chunk_last(),
                         [self = shared_from_this()](const beast::error_code& error, std::size_t) {
                             self->writing_ = false;
                             error ? self->on_gone() : self->on_answered();
                         });
        return;
    }
    const auto piece = std::make_shared<std::string>(std::move(pieces_.front()));
    pieces_.pop_front();
    net::async_write(stream_, http::make_chunk(net::buffer(*piece)),
                     [self = shared_from_this(), piece](const beast::error_code& error, std::size_t) {
                         if (error) return self->on_gone();
                         self->backlog_ -= piece->size();
                         self->writing_ = false;
                         self->stream_.expires_never();
                         self->start_pulse();
                         self->flush();
                     });
}

void Session::start_pulse() {
    pulse_timer_.expires_after(pulse_time);
    pulse_timer_.async_wait([self = shared_from_this()](const beast::error_code& error) {
        if (!error && self->streaming_) self->send(self->pulse_);
    });
}

}  // namespace

// ---- the listener

class Listener::Implementation {
  public:
    Implementation(const ListenerOptions& options, Handler handler) : acceptor_(shared_.io), timer_(shared_.io) {
        shared_.options = options;
        shared_.handler = std::move(handler);
        shared_.ended = [this] { on_session_ended(); };
        listen();
    }

    ~Implementation() {
        shared_.ended = [] {};
    }
    Implementation(const Implementation&) = delete;
    Implementation& operator=(const Implementation&) = delete;

    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

    void run() {
        accept();
        shared_.io.run();
    }

    void stop(std::chrono::milliseconds patience) {
        net::post(shared_.io, [this, patience] {
            shared_.stopping = true;
            beast::error_code ignored;
            acceptor_.close(ignored);
            while (!shared_.idle.empty()) close_longest_idle();
            if (shared_.sessions == 0) return;
            timer_.expires_after(patience);
            timer_.async_wait([this](const beast::error_code& error) {
                if (!error) shared_.io.stop();
            });
        });
    }

  private:
    void listen() {
        const std::string& host = shared_.options.host;
        beast::error_code error;
        const auto found = tcp::resolver(shared_.io).resolve(host, std::to_string(shared_.options.port), error);
        if (error || found.empty())
            throw Error(ErrorKind::not_found, fmt::format("`host` {}: is no address ({})", host, error.message()),
                        "host");
        const tcp::endpoint endpoint = found.begin()->endpoint();
        acceptor_.open(endpoint.protocol(), error);
        if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
        if (!error) acceptor_.bind(endpoint, error);
        if (!error) acceptor_.listen(net::socket_base::max_listen_connections, error);
        if (error == net::error::address_in_use)
            throw Error(ErrorKind::failed,
                        fmt::format("`port` {}: another program has it; give another one, or 0 for any that is free",
                                    shared_.options.port),
                        "port");
        if (error == net::error::access_denied)
            throw Error(
                ErrorKind::failed,
                fmt::format("`port` {}: this user may not take it; give one from 1024 to 65535", shared_.options.port),
                "port");
        if (error)
            throw Error(ErrorKind::failed, fmt::format("`host` {}: cannot be listened on ({})", host, error.message()),
                        "host");
    }

    void accept() {
        if (accepting_ || shared_.stopping) return;
        if (shared_.sessions > shared_.options.connections) return;  // goes on when a session ends
        accepting_ = true;
        acceptor_.async_accept([this](const beast::error_code& error, tcp::socket socket) {
            accepting_ = false;
            if (shared_.stopping) return;
            if (error) return accept_later();
            beast::error_code ignored;
            socket.set_option(tcp::no_delay(true), ignored);
            std::make_shared<Session>(std::move(socket), shared_)->await_request();
            if (shared_.sessions > shared_.options.connections) close_longest_idle();
            accept();
        });
    }

    /// There may be no file descriptors left.
    void accept_later() {
        timer_.expires_after(std::chrono::milliseconds(100));
        timer_.async_wait([this](const beast::error_code& error) {
            if (!error) accept();
        });
    }

    void close_longest_idle() {
        const auto session = shared_.idle.front()->shared_from_this();
        session->leave_idle();
        session->close();
    }

    void on_session_ended() {
        if (shared_.stopping && shared_.sessions == 0) timer_.cancel();
        if (!shared_.stopping && !accepting_) net::post(shared_.io, [this] { accept(); });
    }

    Shared shared_;
    tcp::acceptor acceptor_;
    net::steady_timer timer_;
    bool accepting_ = false;
};

Listener::Listener(const ListenerOptions& options, Handler handler)
    : implementation_(std::make_unique<Implementation>(options, std::move(handler))) {}
Listener::~Listener() = default;
std::uint16_t Listener::port() const { return implementation_->port(); }
void Listener::run() { implementation_->run(); }
void Listener::stop(std::chrono::milliseconds patience) { implementation_->stop(patience); }

}  // namespace easel::server
