#include "server/server.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "base/error.h"
#include "server/drawing_thread.h"
#include "server/listener.h"
#include "server/refusal.h"
#include "server/routes.h"

namespace easel::server {
namespace fs = std::filesystem;
namespace {

/// For answers that are on their way when the server ends.
constexpr std::chrono::seconds time_to_send{10};

void check_admission_of_others(const ServerOptions& options, bool is_open) {
    if (is_loopback(options.host) || options.guard.password || is_open) return;
    refuse_value("host", options.host,
                 "others can reach this address; give a password with `auth`, or `no_auth` to let anyone draw");
}

}  // namespace

class Server::Implementation {
  public:
    explicit Implementation(ServerOptions options)
        : options_(std::move(options)),
          listener_(listener_options(),
                    [this](std::shared_ptr<Exchange> exchange) { dispatch(service_, std::move(exchange)); }),
          service_(options_.engine.model, options_.find_models, options_.queue, options_.guard) {}

    std::uint16_t port() const { return listener_.port(); }

    void run(const std::stop_token& stop, const std::function<void(const ModelInfo&)>& ready) {
        std::thread network([this] { listener_.run(); });
        std::exception_ptr failed;
        {
            DrawingThread drawing(options_.engine, service_.models, service_.queue);
            failed = serve(stop, ready);
            service_.is_ending = true;
            service_.queue.stop_taking();
            if (!failed) service_.queue.wait_until_idle(options_.drain_timeout);
        }
        listener_.stop(time_to_send);
        network.join();
        if (failed) std::rethrow_exception(failed);
    }

  private:
    ListenerOptions listener_options() {
        ListenerOptions listener;
        listener.host = options_.host;
        listener.port = options_.port;
        listener.refusal = [this](const HttpRequest& head, int status, const std::string& sentence) {
            return failed_response(head, options_.guard, std::make_exception_ptr(Refusal(status, sentence)));
        };
        return listener;
    }

    /// Until the stop is requested; returns what was thrown when the model could not be opened.
    std::exception_ptr serve(const std::stop_token& stop, const std::function<void(const ModelInfo&)>& ready) {
        std::mutex mutex;
        std::condition_variable_any changed;
        std::exception_ptr failed;
        const auto load = service_.make_job({.task = Drawing::Task::load});
        service_.queue.add(load);
        load->when_over([&, weak = std::weak_ptr(load)] {
            const std::lock_guard lock(mutex);
            failed = weak.lock()->status().thrown;
            service_.is_ready = !failed;
            if (!failed && ready) ready(service_.models.opened());
            changed.notify_all();
        });
        std::unique_lock lock(mutex);
        changed.wait(lock, stop, [&] { return failed != nullptr; });
        if (stop.stop_requested() && !load->status().is_over()) {
            lock.unlock();
            service_.queue.cancel(*load);
            lock.lock();
            changed.wait(lock, [&] { return failed != nullptr || service_.is_ready; });
            return nullptr;
        }
        return failed;
    }

    const ServerOptions options_;
    /// Before the service, whose threads answer through it to the end.
    Listener listener_;
    Service service_;
};

Server::Server(ServerOptions options, bool is_open) {
    check_admission_of_others(options, is_open);
    implementation_ = std::make_unique<Implementation>(std::move(options));
}
Server::~Server() = default;
std::uint16_t Server::port() const { return implementation_->port(); }
void Server::run(const std::stop_token& stop, const std::function<void(const ModelInfo&)>& ready) {
    implementation_->run(stop, ready);
}

std::vector<fs::path> models_in(const std::vector<fs::path>& folders) {
    std::vector<fs::path> models;
    std::error_code ignored;
    for (const fs::path& folder : folders) {
        for (const auto& entry : fs::directory_iterator(folder, ignored)) {
            const fs::path& path = entry.path();
            const bool is_file = path.extension() == ".safetensors" && entry.is_regular_file(ignored);
            const bool is_folder = fs::is_directory(path / "unet", ignored);
            if (is_file || is_folder) models.push_back(path);
        }
    }
    std::ranges::sort(models);
    return models;
}

}  // namespace easel::server
