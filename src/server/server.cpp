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
/// For a picture that is ended before its last step: a step and the decoding.
constexpr std::chrono::seconds time_to_end_early{60};

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
          service_(options_) {}

    std::uint16_t port() const { return listener_.port(); }

    void run(const std::stop_token& stop, const std::function<void(const ModelInfo&)>& ready) {
        std::thread network([this] { listener_.run(); });
        std::exception_ptr failed;
        {
            DrawingThread drawing(drawing_options(), service_.models, service_.queue, service_.metrics);
            failed = serve(stop, ready);
            service_.is_ending = true;
            if (!failed) drain();
        }
        listener_.stop(time_to_send);
        network.join();
        if (failed) std::rethrow_exception(failed);
    }

  private:
    DrawingOptions drawing_options() const { return {options_.engine, options_.save_dir}; }

    /// Draws what was taken, and of what takes too long what there is.
    void drain() {
        std::this_thread::sleep_for(options_.drain_delay);
        service_.queue.stop_taking();
        if (service_.queue.wait_until_idle(options_.drain_timeout)) return;
        service_.queue.end_early();
        service_.queue.wait_until_idle(time_to_end_early);
    }

    ListenerOptions listener_options() {
        ListenerOptions listener;
        listener.host = options_.host;
        listener.port = options_.port;
        listener.refusal = [this](const HttpRequest& head, int status, const std::string& sentence) {
            return unread_response(service_, head, status, sentence);
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

std::vector<NamedModel> models_in(const std::vector<fs::path>& folders) {
    std::vector<NamedModel> models;
    std::error_code ignored;
    for (const fs::path& folder : folders) {
        for (const auto& entry : fs::directory_iterator(folder, ignored)) {
            const fs::path& path = entry.path();
            const bool is_file = path.extension() == ".safetensors" && entry.is_regular_file(ignored);
            const bool is_folder = fs::is_directory(path / "unet", ignored);
            if (is_file || is_folder) models.push_back({.title = "", .path = path});
        }
    }
    std::ranges::sort(models, {}, &NamedModel::path);
    return models;
}

}  // namespace easel::server
