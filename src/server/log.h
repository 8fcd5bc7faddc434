#pragma once

#include <functional>
#include <mutex>
#include <string>

#include <nlohmann/json.hpp>

namespace easel::server {

/// Writes what happens as lines of JSON, each with its time and level. May be used by several threads.
class Log {
  public:
    /// `write` takes a line without its end; none for no log.
    explicit Log(std::function<void(const std::string& line)> write) : write_(std::move(write)) {}

    /// `level` is "info", "warning" or "error".
    void write(const char* level, const nlohmann::ordered_json& fields);

  private:
    const std::function<void(const std::string& line)> write_;
    std::mutex mutex_;
};

}  // namespace easel::server
