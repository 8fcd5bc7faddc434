#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <easel/easel.h>

#include "server/guard.h"
#include "server/job_queue.h"
#include "server/job_store.h"
#include "server/models.h"
#include "server/picture_store.h"
#include "server/sdapi_request.h"
#include "server/workers.h"

namespace easel::server {

/// A job that a client named itself (force_task_id).
struct NamedTask {
    bool is_known = false;
    /// Null when it is over and answered.
    std::shared_ptr<Job> job;
};

/// Those of late. Keeps no job, nor its pictures. May be used by several threads.
class NamedTasks {
  public:
    void add(std::string name, const std::shared_ptr<Job>& job);
    /// The last one of that name.
    NamedTask find(const std::string& name) const;

  private:
    mutable std::mutex mutex_;
    std::deque<std::pair<std::string, std::weak_ptr<Job>>> tasks_;
};

/// What all handlers of requests work with. May be used by several threads.
struct Service {
    Service(const std::filesystem::path& model, std::function<std::vector<std::filesystem::path>()> find_models,
            std::size_t queue_capacity, GuardOptions admission);

    const GuardOptions guard;
    Models models;
    JobQueue queue;
    JobStore jobs;
    NamedTasks tasks;
    PictureStore pictures;
    /// Whether new work is refused because the server is about to end.
    std::atomic<bool> is_ending = false;
    std::atomic<bool> is_ready = false;

    SdapiDefaults defaults() const;
    void set_defaults(const SdapiDefaults& defaults);

    /// A job with a new id, not yet in the queue.
    std::shared_ptr<Job> make_job(Drawing drawing) const;

    /// Last: its threads use the rest.
    Workers workers;

  private:
    mutable std::mutex mutex_;
    SdapiDefaults defaults_;
};

}  // namespace easel::server
