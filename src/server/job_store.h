#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "server/job.h"

namespace easel::server {

/// The jobs that clients come back for, by id: kept for ten minutes after they are over, and 256 MiB of pictures in
/// all. May be used by several threads.
class JobStore {
  public:
    static constexpr std::chrono::minutes kept_for{10};
    static constexpr std::size_t most_bytes = std::size_t{256} << 20;

    void add(const std::shared_ptr<Job>& job);
    /// Null when it is not there, or not any more.
    std::shared_ptr<Job> find(const std::string& id);
    void remove(const std::string& id);

    /// The job that was added for the same key with the same request; null for a new key. Throws Refusal (422) when the
    /// request is another.
    std::shared_ptr<Job> find_by_key(const std::string& key, const std::string& request);
    void remember_key(const std::string& key, const std::string& request, const std::shared_ptr<Job>& job);

  private:
    using Clock = std::chrono::steady_clock;
    struct Entry {
        std::shared_ptr<Job> job;
        /// Since when it is known to be over.
        std::optional<Clock::time_point> over;
        std::size_t bytes = 0;
    };
    struct Key {
        std::string request;
        std::shared_ptr<Job> job;
        Clock::time_point since;
    };

    void drop_old();

    std::mutex mutex_;
    std::map<std::string, Entry> jobs_;
    std::map<std::string, Key> keys_;
};

}  // namespace easel::server
