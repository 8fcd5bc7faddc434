#include "server/log.h"

#include <chrono>

#include <fmt/chrono.h>

namespace easel::server {

void Log::write(const char* level, const nlohmann::ordered_json& fields) {
    if (!write_) return;
    const auto now = std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
    const auto milliseconds = now.time_since_epoch().count() % 1000;
    nlohmann::ordered_json line = {
        {"time", fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(now)),
                             milliseconds)},
        {"level", level}};
    line.update(fields);
    const std::string text = line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    const std::lock_guard lock(mutex_);
    write_(text);
}

}  // namespace easel::server
