#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include <easel/easel.h>

#include "collection/collection.h"
#include "server/guard.h"
#include "server/models.h"

/// `easel serve`: an HTTP server with a page to draw with, AUTOMATIC1111's API (/sdapi/v1), OpenAI's images API (/v1)
/// and easel's own (/easel/v1). One Engine, one job at a time, a bounded queue.
namespace easel::server {

struct ServerOptions {
    /// An address of this machine, or a name for one.
    std::string host = "127.0.0.1";
    /// 0 for any that is free.
    std::uint16_t port = 7860;
    /// The model that is drawn with first, and how to run it and the others.
    EngineOptions engine;
    /// Gives the other models that clients may choose; may be empty.
    std::function<std::vector<NamedModel>()> find_models;
    /// What prompts may name beside the model.
    Collection collection;
    /// Jobs that may wait.
    std::size_t queue = 64;
    /// Of those that wait or run, how many one client's address may have; 0 for any number.
    std::size_t most_per_client = 0;
    GuardOptions guard;
    /// Where pictures are saved whose request asks for it; empty: nowhere.
    std::filesystem::path save_dir;
    /// Letters, digits, - and _: what the ids of jobs and pictures begin with; may be empty.
    std::string server_id;
    /// Takes a line of JSON for each request; none for no log.
    std::function<void(const std::string& line)> log;
    bool logs_prompts = false;
    /// How long new work is still taken when the server is to end, after it says that it is not ready: so long a
    /// balancer may take to notice.
    std::chrono::milliseconds drain_delay{0};
    /// How long jobs that are taken may go on when the server is to end.
    std::chrono::seconds drain_timeout{60};
};

/// A server that has its port.
class Server {
  public:
    /// Takes the port. Throws Error when it cannot be had (of kind `failed` or `not_found`), and of kind `bad_request`
    /// where `host` is reached by others and the options neither have a password nor `is_open` is set.
    explicit Server(ServerOptions options, bool is_open = false);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// The one that was taken.
    std::uint16_t port() const;

    /// Opens the model and serves until `stop` is requested; requests are taken before the model is there. `ready` is
    /// called when it is. Then what is in the queue is drawn yet, ServerOptions::drain_timeout long; what is still
    /// drawn after that is given as far as it is. Throws Error when the model cannot be opened.
    void run(const std::stop_token& stop, const std::function<void(const ModelInfo&)>& ready = {});

  private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

/// The models in these folders: .safetensors files, and folders that hold the parts of one.
std::vector<NamedModel> models_in(const std::vector<std::filesystem::path>& folders);

}  // namespace easel::server
