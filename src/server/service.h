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
#include "server/log.h"
#include "server/metrics.h"
#include "server/models.h"
#include "server/person_masks.h"
#include "server/picture_store.h"
#include "server/request_record.h"
#include "server/sdapi_request.h"
#include "server/server.h"
#include "server/tokenizers.h"
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
class Service {
  public:
    explicit Service(const ServerOptions& options);

    SdapiDefaults defaults() const;
    void set_defaults(const SdapiDefaults& defaults);

    /// A job of the server's own with a new id, not yet in the queue. Throws as add_named_files() does.
    std::shared_ptr<Job> make_job(Drawing drawing);
    /// The same for a request, whose record then has its id.
    std::shared_ptr<Job> make_job(Drawing drawing, const HttpRequest& request, RequestRecord& record);

  private:
    std::shared_ptr<Job> make_job(Drawing drawing, const std::string& client);

    /// What all ids begin with, so that a balancer knows whose they are; may be empty.
    const std::string id_prefix_;
    const bool logs_prompts_;
    mutable std::mutex mutex_;
    SdapiDefaults defaults_;

  public:
    const GuardOptions guard;
    const Collection collection;
    Log log;
    Metrics metrics;
    Models models;
    JobQueue queue;
    JobStore jobs;
    NamedTasks tasks;
    PictureStore pictures;
    Tokenizers tokenizers;
    PersonMasks person_masks;
    /// Whether new work is refused because the server is about to end.
    std::atomic<bool> is_ending = false;
    std::atomic<bool> is_ready = false;
    /// Last: its threads use the rest.
    Workers workers;
};

}  // namespace easel::server
