#pragma once

#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>

#include <httplib.h>
#include <nlohmann/json.hpp>

#include "server/server.h"

namespace easel::testing {

/// The small model of the tests, of random weights: 64x64 pixels in a few milliseconds a step.
std::filesystem::path tiny_model();

/// A server on a free port of this machine, until it is destroyed.
class RunningServer {
  public:
    /// Waits until the model is open. `change` sets other options than the tests' own.
    explicit RunningServer(const std::function<void(server::ServerOptions&)>& change = {});
    ~RunningServer();
    RunningServer(const RunningServer&) = delete;
    RunningServer& operator=(const RunningServer&) = delete;

    int port() const { return server_->port(); }
    /// "127.0.0.1:PORT"
    std::string host() const;
    /// A client of its own connection.
    httplib::Client client() const;

    /// Answers' bodies. The tests fail when the status is another or the body no JSON.
    nlohmann::json get(const std::string& path, int status = 200) const;
    nlohmann::json post(const std::string& path, const nlohmann::json& body, int status = 200) const;

    /// Asks it to end, and waits for that.
    void stop();

  private:
    std::unique_ptr<server::Server> server_;
    std::stop_source stop_;
    std::thread thread_;
};

/// A request that is drawn in some milliseconds.
nlohmann::json small_request(const nlohmann::json& changes = nlohmann::json::object());
/// One that takes seconds unless it is stopped.
nlohmann::json long_request(const nlohmann::json& changes = nlohmann::json::object());

/// The picture in base64, without its settings.
Picture picture_in(const std::string& text);
/// The reverse, as PNG.
std::string in_base64(const Picture& picture);
std::string in_base64(const Mask& mask);

}  // namespace easel::testing
